# What all figures share. `kind`, `data` and `drawing` are given on the command line. A figure of another height sets it and says
# @SIZED; tooltips are points that one does not see: using x:y:text @TIPS.
width = 960
height = 540
SVG = 'set output; set terminal svg size width,height dynamic enhanced font "Helvetica,15" background "#ffffff" linewidth 1.2 rounded; set output drawing'
PDF = 'set output; set terminal pdfcairo size width/96.0,height/96.0 enhanced font "Helvetica,11" linewidth 1.2 rounded; set output drawing'
TEX = 'set output; set terminal cairolatex pdf input colortext size width/96.0,height/96.0 linewidth 1.2 rounded; set output drawing'
SIZED = kind eq "pdf" ? PDF : kind eq "tex" ? TEX : SVG
@SIZED
# LaTeX would set an invisible word; points that take one as a number are none.
TIPS = kind eq "tex" ? 'with points pt 0 ps 0 notitle' : kind eq "pdf" ? 'with labels textcolor rgb "#ff000000" font ",1" notitle' : 'with labels hypertext point pt 7 ps 1.6 lc rgb "#ff000000" notitle'
set encoding utf8
set format "%g" # in words, for LaTeX, too
set datafile separator "\t"
set border 3 lc rgb "#888888"
set tics nomirror scale 0.6 textcolor rgb "black"
set grid y lc rgb "#bbbbbb" lw 0.5 dt 3
set key textcolor rgb "black"
set style fill solid 0.85 noborder
# Colour-blind safe (Okabe and Ito): one hue a mechanism, or a series.
set linetype 1 lc rgb 0x0072b2
set linetype 2 lc rgb 0xd55e00
set linetype 3 lc rgb 0x009e73
set linetype 4 lc rgb 0xcc79a7
set linetype 5 lc rgb 0x56b4e9
set linetype 6 lc rgb 0xe69f00
set linetype 7 lc rgb 0x666666
set linetype cycle 7
mechanism_colour(name) = strstrt(name, "ecdh") ? 0x0072b2 : strstrt(name, "derive") ? 0xd55e00 : strstrt(name, "transport") ? 0x009e73 \
  : strstrt(name, "refresh") ? 0xcc79a7 : strstrt(name, "update") ? 0xe69f00 : strstrt(name, "counter") ? 0x56b4e9 : 0x666666
backend_point(name) = strstrt(name, "mbedtls") ? 6 : strstrt(name, "wolfssl") ? 4 : 8
backend_dash(name) = strstrt(name, "mbedtls") ? 1 : strstrt(name, "wolfssl") ? 2 : 4
