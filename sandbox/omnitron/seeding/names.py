"""Common first and last names, streets and goods, out of which nobody in particular is made."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Ahmet", "Ali", "Arda", "Asya", "Ayşe", "Baran", "Berk", "Beste", "Burak", "Can", "Cem", "Ceren", "Deniz",
    "Derya", "Duru", "Ece", "Efe", "Ela", "Elif", "Emre", "Esra", "Eylül", "Fatma", "Gizem", "Gökhan", "Hakan",
    "Hande", "İpek", "İrem", "Kaan", "Kerem", "Lale", "Mehmet", "Melis", "Mert", "Naz", "Nehir", "Onur", "Ozan",
    "Pelin", "Selin", "Serkan", "Sude", "Tolga", "Tuna", "Umut", "Yağmur", "Yiğit", "Zeynep",
)  # fmt: skip
LAST_NAMES = (
    "Acar", "Akın", "Aksoy", "Arslan", "Aslan", "Avcı", "Aydın", "Bulut", "Can", "Çelik", "Çetin", "Demir", "Doğan",
    "Erdem", "Güler", "Güneş", "Işık", "Kaplan", "Kara", "Kaya", "Keskin", "Kılıç", "Koç", "Korkmaz", "Kurt", "Öz",
    "Özdemir", "Özkan", "Öztürk", "Polat", "Sarı", "Şahin", "Şen", "Şimşek", "Taş", "Tekin", "Toprak", "Turan",
    "Uçar", "Ünal", "Yalçın", "Yavuz", "Yıldırım", "Yıldız", "Yılmaz",
)  # fmt: skip
STREETS = (
    "Atatürk Cd.", "Bahar Sk.", "Cumhuriyet Cd.", "Çınar Sk.", "Deniz Sk.", "Gül Sk.", "İnönü Cd.", "Lale Sk.",
    "Menekşe Sk.", "Orkide Sk.", "Papatya Sk.", "Zambak Sk.",
)  # fmt: skip
GOODS = (
    ("Linen Shirt", "10.00", 399), ("Cotton T-Shirt", "10.00", 199), ("Wool Sweater", "10.00", 699),
    ("Denim Jacket", "10.00", 1199), ("Chino Trousers", "10.00", 549), ("Running Shoe", "10.00", 1499),
    ("Leather Boot", "10.00", 2199), ("Canvas Sneaker", "10.00", 799), ("Rain Coat", "10.00", 1599),
    ("Pleated Skirt", "10.00", 459), ("Silk Scarf", "20.00", 299), ("Leather Belt", "20.00", 249),
    ("Canvas Tote", "20.00", 179), ("Backpack", "20.00", 899), ("Sunglasses", "20.00", 649),
    ("Wrist Watch", "20.00", 2899), ("Ceramic Mug", "20.00", 99), ("Table Lamp", "20.00", 749),
    ("Cotton Towel", "10.00", 159), ("Bed Linen Set", "10.00", 999),
)  # fmt: skip
MAKES = ("Classic", "Soft", "Urban", "Light", "Daily", "Slim", "Relaxed", "Heavy", "Fine", "Bold")
COLOURS = ("black", "white", "navy", "grey", "olive", "burgundy", "sand", "teal")
SIZES = ("XS", "S", "M", "L", "XL", "XXL")
