stats data using 2 nooutput
series = STATS_blocks
stats data using 3 name "LIFE" nooutput
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"exposure_d\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
devices = system(sprintf("awk -F'[\\t ]' '$1 ~ /^\"/ {d=$1; gsub(/\"/,\"\",d); if (!s[d]++) print d}' '%s'", data))
classes = system(sprintf("awk -F'\\t' '$1 ~ /^\"/ && $NF != \"class\" {split($1,d,\" \"); c=$NF; gsub(/\"/,\"\",c); if (!s[d[1]]++) print c}' '%s'", data))
set logscale xy
set xlabel "exposure by one leaked session key" offset 0,0.3
set ylabel "battery life"
set xtics ("5 min" 1./288, "1 h" 1./24, "1 d" 1, "7 d" 7, "30 d" 30, "180 d" 180) font ",12"
set ytics ("1 d" 1, "7 d" 7, "30 d" 30, "90 d" 90, "180 d" 180, "1 y" 365, "2 y" 730, "3 y" 1095, "5 y" 1825, "10 y" 3650, "20 y" 7300)
set xrange [1./500:400]
set yrange [LIFE_min/1.5:LIFE_max*1.5] # one for all devices
set key bottom right font ",12" samplen 1
columns = words(devices) > 3 ? 3 : words(devices)
rows = (words(devices) + columns - 1) / columns
height = 540 * rows
@SIZED
set multiplot layout rows,columns margins 0.1,0.98,0.14,0.92 spacing 0.09
do for [d = 1:words(devices)] {
  device = word(devices, d)
  set title sprintf("%s, class %s", device, word(classes, d)) offset 0,-0.6
  if ((d - 1) % columns > 0) { unset ylabel } else { set ylabel "battery life" offset 1,0 }
  plot for [i = 0:series-1] data index i using (strstrt(strcol(1), device." ") == 1 ? $2 : NaN):3 every ::1 \
         with points lc rgb mechanism_colour(name(i)) pt backend_point(name(i)) ps 0.7 lw 1.2 \
         title (strstrt(name(i), device." ") == 1 ? name(i)[strlen(device)+2:] : ""), \
       for [i = 0:series-1] data index i using (strstrt(strcol(1), device." ") == 1 && $5 == 1 ? $2 : NaN):3 every ::1 \
         with points lc rgb mechanism_colour(name(i)) pt 7 ps 1.3 notitle, \
       for [i = 0:series-1] data index i using (strstrt(strcol(1), device." ") == 1 ? $2 : NaN):3:(sprintf("%s, %s: %.3g d open, lasts %.1f d", strcol(1), strcol(6), $2, $3)) every ::1 @TIPS
}
unset multiplot
