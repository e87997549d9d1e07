/* tests/devices/broken/broken.c - what a library that refuses a device looks like */
#error "this library refuses the device"
