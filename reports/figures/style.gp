# What all figures share. `data` and the output are given on the command line.
set terminal svg size 960,540 dynamic enhanced font "Helvetica,15" background "#ffffff" linewidth 1.2 rounded
set encoding utf8
set datafile separator "\t"
set border 3 lc rgb "#888888"
set tics nomirror scale 0.6 textcolor rgb "black"
set grid y lc rgb "#bbbbbb" lw 0.5 dt 3
set key textcolor rgb "black"
set style fill solid 0.85 noborder
# Colour-blind safe (Okabe and Ito), one hue a mechanism.
ecdh = "#0072b2"
derive = "#d55e00"
transport = "#009e73"
mechanism_colour(name) = strstrt(name, "ecdh") ? 0x0072b2 : strstrt(name, "derive") ? 0xd55e00 : 0x009e73
backend_point(name) = strstrt(name, "mbedtls") ? 6 : strstrt(name, "wolfssl") ? 4 : 8
backend_dash(name) = strstrt(name, "mbedtls") ? 1 : strstrt(name, "wolfssl") ? 2 : 4
