panel = 6
name = 7
value = 3
load shared."/panels.gp"
FIRST = "set ylabel 'renewals that take longer' offset 1,0; set ytics nomirror scale 0.6 textcolor rgb 'black' (".shares.") font ',12'"
OTHERS = "unset ylabel; set ytics nomirror scale 0.6 (".share_ticks.")"
stats data using 2 nooutput name "TIME"
stats data using ($3 > 0 ? $3 : NaN) nooutput name "SHARE"
@SIZED
set multiplot
@KEY
plot [0:1] [0:1] for [k = 1:keys] NaN with lines lc rgb mechanism_colour(key_names[k]) dt backend_dash(key_names[k]) lw 1.6 title key_names[k]
set logscale xy
eval "set xtics nomirror scale 0.6 textcolor rgb 'black' (".(columns < 3 ? times : few_times).") font ',12'"
set xrange [TIME_min/1.2:TIME_max*1.2]
set yrange [SHARE_min/2:1.3]
# No renewal takes longer than the last edge: the line ends on the axis.
share(y) = y > 0 ? y : SHARE_min / 2
# Of edges close together, one has a tooltip.
tip(x, y) = x > 1.3 * at || y < 0.7 * seen || x < at ? (at = x, seen = y > 0 ? y : SHARE_min * 0.65) : NaN
at = seen = TIME_max
do for [d = 1:panels] {
  @PANEL
  if (d > panels - columns) { set xlabel "time to renew" offset 0,0.3 } else { unset xlabel }
  plot for [i = first[d]:last[d]] data index i-1 using 2:(share($3)) every ::1 with lines \
         lc rgb mechanism_colour(names[i]) dt backend_dash(names[i]) lw 1.6 notitle, \
       for [i = first[d]:last[d]] data index i-1 using 2:(tip($2, $3)):(sprintf("%s: %.3g %% of %g take longer than %.4g s", strcol(5), 100 * $3, $4, $2)) every ::1 @TIPS
}
unset multiplot
