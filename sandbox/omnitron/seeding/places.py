"""Ten provinces of Türkiye with some of their townships and districts. Coordinates are those of the centres,
near enough for distances between stores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Township:
    """A township (ilçe) with some of its districts (mahalle)."""

    name: str
    latitude: float
    longitude: float
    districts: tuple[str, ...]


@dataclass(frozen=True)
class Province:
    """A province (il); `plate` is its official number, `weight` how many of the customers live there."""

    plate: int
    name: str
    latitude: float
    longitude: float
    weight: int
    townships: tuple[Township, ...]


PROVINCES = (
    Province(34, "İstanbul", 41.0082, 28.9784, 34, (
        Township("Kadıköy", 40.9909, 29.0303, ("Moda", "Caferağa", "Fenerbahçe")),
        Township("Beşiktaş", 41.0430, 29.0083, ("Levent", "Etiler", "Ortaköy")),
        Township("Şişli", 41.0602, 28.9877, ("Nişantaşı", "Mecidiyeköy", "Bomonti")),
        Township("Üsküdar", 41.0235, 29.0150, ("Çengelköy", "Acıbadem", "Kuzguncuk")),
        Township("Bakırköy", 40.9819, 28.8772, ("Ataköy", "Yeşilköy", "Florya")),
        Township("Tuzla", 40.8160, 29.3000, ("Orhanlı", "Aydınlı", "İçmeler")),
    )),
    Province(6, "Ankara", 39.9334, 32.8597, 15, (
        Township("Çankaya", 39.9179, 32.8627, ("Kızılay", "Bahçelievler", "Ayrancı")),
        Township("Yenimahalle", 39.9690, 32.8110, ("Batıkent", "Demetevler", "Ostim")),
        Township("Keçiören", 39.9990, 32.8640, ("Etlik", "Kalaba", "Aktepe")),
        Township("Etimesgut", 39.9460, 32.6780, ("Eryaman", "Elvankent", "Bağlıca")),
    )),
    Province(35, "İzmir", 38.4237, 27.1428, 12, (
        Township("Konak", 38.4189, 27.1287, ("Alsancak", "Göztepe", "Güzelyalı")),
        Township("Karşıyaka", 38.4590, 27.1130, ("Bostanlı", "Mavişehir", "Alaybey")),
        Township("Bornova", 38.4700, 27.2210, ("Erzene", "Kazımdirik", "Evka 3")),
        Township("Buca", 38.3880, 27.1750, ("Şirinyer", "Adatepe", "Yıldız")),
    )),
    Province(16, "Bursa", 40.1885, 29.0610, 8, (
        Township("Osmangazi", 40.1950, 29.0600, ("Çekirge", "Soğanlı", "Altıparmak")),
        Township("Nilüfer", 40.2130, 28.9880, ("Görükle", "Özlüce", "Beşevler")),
        Township("Yıldırım", 40.1890, 29.0970, ("Millet", "Değirmenönü", "Esenevler")),
    )),
    Province(7, "Antalya", 36.8969, 30.7133, 8, (
        Township("Muratpaşa", 36.8840, 30.7060, ("Lara", "Fener", "Şirinyalı")),
        Township("Konyaaltı", 36.8660, 30.6360, ("Hurma", "Gürsu", "Liman")),
        Township("Kepez", 36.9130, 30.7200, ("Varsak", "Gülveren", "Yeni Emek")),
    )),
    Province(1, "Adana", 37.0000, 35.3213, 6, (
        Township("Seyhan", 36.9910, 35.3290, ("Reşatbey", "Kurtuluş", "Ziyapaşa")),
        Township("Çukurova", 37.0470, 35.2880, ("Toros", "Güzelyalı", "Kurttepe")),
        Township("Yüreğir", 36.9860, 35.3550, ("Karşıyaka", "Yavuzlar", "Serinevler")),
    )),
    Province(42, "Konya", 37.8746, 32.4932, 5, (
        Township("Selçuklu", 37.8970, 32.4790, ("Bosna Hersek", "Yazır", "Nişantaş")),
        Township("Meram", 37.8520, 32.4330, ("Havzan", "Yenişehir", "Kozağaç")),
        Township("Karatay", 37.8750, 32.5210, ("Fetih", "Akabe", "Aziziye")),
    )),
    Province(27, "Gaziantep", 37.0662, 37.3833, 5, (
        Township("Şahinbey", 37.0590, 37.3790, ("Karataş", "Akkent", "Güneykent")),
        Township("Şehitkamil", 37.0730, 37.3780, ("İbrahimli", "Batıkent", "Değirmiçem")),
    )),
    Province(41, "Kocaeli", 40.7654, 29.9408, 4, (
        Township("İzmit", 40.7640, 29.9390, ("Yahyakaptan", "Kozluk", "Cumhuriyet")),
        Township("Gebze", 40.8020, 29.4310, ("Güzeller", "Hacıhalil", "Mustafapaşa")),
    )),
    Province(26, "Eskişehir", 39.7767, 30.5206, 3, (
        Township("Odunpazarı", 39.7660, 30.5250, ("Vişnelik", "Akarbaşı", "Büyükdere")),
        Township("Tepebaşı", 39.7850, 30.5130, ("Bahçelievler", "Eskibağlar", "Hoşnudiye")),
    )),
)  # fmt: skip
