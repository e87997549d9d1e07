# The program of this folder has no library behind it.
