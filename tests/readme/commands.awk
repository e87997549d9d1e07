# tests/readme/commands.awk - what a page asks its reader to do, in order, one a line
#
# out: LINE <tab> HOW <tab> TEXT, where HOW is
#   test    TEXT is a command of a block fenced as ```sh test: it is run as it stands
#   sh      the same of ```sh: commands.txt says how it is tried
#   slurm   of ```sh slurm: tests/mpi runs that job
#   file    TEXT is a file that the reader writes, by a block with file=PATH in its fence; its lines follow as `text`
#   loose   a call of rekeylab in an indented block, which is no place for one
# A comment goes off a command; a line that ends in \ goes on.
function fence(line) { return line ~ /^[ \t]*```/ }

FNR == 1 { inside = 0; line = "" }
fence($0) {
    if (inside) {
        inside = 0
        next
    }
    inside = 1
    indent = match($0, /[^ \t]/) - 1
    word = $0
    sub(/^[ \t]*```/, "", word)
    how = word == "sh test" ? "test" : word == "sh" ? "sh" : word == "sh slurm" ? "slurm" : ""
    if (match(word, /file=[^ ]+/)) {
        how = "text"
        print FNR "\tfile\t" substr(word, RSTART + 5, RLENGTH - 5)
    }
    next
}
!inside {
    if ($0 ~ /^    +(\.\/)?rekeylab [a-z]/) print FNR "\tloose\t" $0
    next
}
how == "text" { print FNR "\ttext\t" substr($0, indent + 1); next }
how == "" || (line == "" && $0 ~ /^[ \t]*(#.*)?$/) { next }
{
    sub(/^[ \t]+/, line == "" ? "" : " ")
    line = line $0
}
sub(/ *\\$/, "", line) { next }
{
    sub(/[ \t]+#.*$/, "", line)
    print FNR "\t" how "\t" line
    line = ""
}
