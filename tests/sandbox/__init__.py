"""The neighbours keep their word on real sockets."""
