stats data using 2 nooutput name "MEAN"
stats data using 4 nooutput
lines = int(STATS_max)
series = STATS_blocks
metric = system(sprintf("awk -F'\\t' '!/^\"[^\\t]*\"\\tmean/ && NF == 6 {gsub(/\"/,\"\",$6); print $6; exit}' '%s'", data))
height = 90 + 22 * lines
@SIZED
unset grid
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
set xlabel noenhanced metric
set yrange [0.4:lines + 0.6]
set ytics nomirror scale 0 font ",12" noenhanced
set key outside top left horizontal noenhanced font ",12" maxrows 4
if (series == 1) { unset key }
set xrange [*:*]
if (MEAN_min > 0 && MEAN_max > 30 * MEAN_min) { set logscale x }
plot for [i = 0:series-1] data index i using 2:4:3:ytic(5) every ::1 with xerrorbars pt 7 ps 0.8 lw 1.4 lc i + 1 title (series > 1 ? columnhead(1) : ""), \
     for [i = 0:series-1] data index i using 2:4:(sprintf("%s: %g +- %.2g", strcol(5), $2, $3)) every ::1 @TIPS
