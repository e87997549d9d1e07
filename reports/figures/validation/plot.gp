height = 620
@SIZED
stats data using 2 nooutput name "PUBLISHED"
stats data using 6 nooutput name "ERROR"
series = PUBLISHED_blocks
set logscale xy
set xlabel "published, cycles or bytes"
set ylabel "ours, cycles or bytes"
from = PUBLISHED_min / 3
to = PUBLISHED_max * 3
set xrange [from:to]
set yrange [from:to]
set format xy (kind eq "tex" ? "1e%T" : "10^{%T}")
set key outside right top Left reverse noenhanced font ",12"
set lmargin 9
array points_of[7] = [5, 7, 9, 11, 13, 15, 4]
set grid x y lc rgb "#bbbbbb" lw 0.5 dt 3
plot [from:to] x with lines lc rgb "#888888" lw 1.5 title "equal", \
     1.25 * x with lines lc rgb "#888888" dt 3 title "25 % off", x / 1.25 with lines lc rgb "#888888" dt 3 notitle, \
     for [i = 0:series-1] data index i every ::1 using 2:3:4:5 with yerrorbars lc i + 1 pt points_of[i % 7 + 1] ps 0.8 title columnheader(1), \
     for [i = 0:series-1] data index i every ::1 using 2:3:(strcol(9)) @TIPS
