stats data using 2 nooutput
series = STATS_blocks
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"interval_d\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
set logscale xy
set xlabel "renewal interval" offset 0,0.3
set ylabel "traffic that one compromise opens"
set xtics ("5 min" 1./288, "1 h" 1./24, "1 d" 1, "7 d" 7, "30 d" 30, "180 d" 180)
set ytics ("5 min" 1./288, "1 h" 1./24, "1 d" 1, "7 d" 7, "30 d" 30, "180 d" 180, "1 y" 365)
set xrange [1./400:260]
set key outside right center Left reverse font ",12" samplen 2 width -4
set lmargin 9
is_form(i) = strstrt(name(i), "closed form")
is_capture(i) = strstrt(name(i), "captured")
plot for [i = 0:series-1] data index i using 2:(is_form(i) ? $3 : NaN) every ::1 with lines lc rgb "#888888" lw 3 title (is_form(i) ? name(i) : ""), \
     for [i = 0:series-1] data index i using 2:(is_form(i) || is_capture(i) ? NaN : $3):4 every ::1 with yerrorbars lc rgb "black" pt 7 ps 0.8 \
       title (is_form(i) || is_capture(i) ? "" : name(i)), \
     for [i = 0:series-1] data index i using 2:(is_capture(i) ? $3 : NaN):4 every ::1 with yerrorlines dt 2 lc rgb mechanism_colour(name(i)) pt 6 ps 0.7 \
       title (is_capture(i) ? name(i) : ""), \
     for [i = 0:series-1] data index i using 2:(is_form(i) ? NaN : $3):(sprintf("%s, renewed each %.3g d: %.3g +- %.2g d open", strcol(1), $2, $3, $4)) every ::1 @TIPS
