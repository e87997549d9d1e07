# What all libraries' handshakes share: handshake.h, and the credentials of both sides, which are headers. The name marks a
# folder that is no part of other images (devices/firmware/build_inputs.c).
