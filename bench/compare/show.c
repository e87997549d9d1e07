#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare/compare.h"
#include "engine/core/xml.h"

enum { ROWS_SHOWN = 40 };

static double relative_of(const struct rk_change_item *item)
{
    return item->base == 0 ? NAN : (item->current - item->base) / fabs(item->base);
}

static void print_number(FILE *out, double value, const char *unit)
{
    if (isnan(value)) {
        fputs("none", out);
        return;
    }
    bool whole = value == floor(value) && fabs(value) < 1e15;
    fprintf(out, whole ? "%.0f" : "%.6g", value);
    if (unit[0] != '\0' && strcmp(unit, "1") != 0) {
        fprintf(out, " %s", unit);
    }
}

/* "1234 -> 1300, +5.35 % [+4.1 .. +6.6]" */
static void print_change(FILE *out, const struct rk_change_item *item)
{
    if (item->base_text[0] != '\0') {
        fprintf(out, "%s -> %s", item->base_text, item->current_text);
        return;
    }
    print_number(out, item->base, item->unit);
    fputs(" -> ", out);
    print_number(out, item->current, item->unit);
    double relative = relative_of(item);
    if (!isnan(relative)) {
        fprintf(out, ", %+.2f %%", 100 * relative);
    }
    if (!isnan(item->low) && item->base != 0) {
        fprintf(out, " [%+.2f .. %+.2f]", 100 * item->low / fabs(item->base), 100 * item->high / fabs(item->base));
    }
}

static void print_subject(FILE *out, const struct rk_compare_subject *subject)
{
    fprintf(out, "%s%s%s", subject->group, subject->group[0] != '\0' ? " " : "", subject->name);
}

/* --- markdown --- */

/* The same change of one metric, of all subjects of a group that it is seen in. */
struct line {
    const struct rk_change_item *item;
    const char *group;
    size_t subjects;
    double weight;
};

static int by_number(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) - isnan(b) : (a > b) - (a < b);
}

static int by_what(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    int order = strcmp(left->group, right->group);
    order = order != 0 ? order : strcmp(left->item->metric, right->item->metric);
    order = order != 0 ? order : (int)left->item->change - (int)right->item->change;
    order = order != 0 ? order : strcmp(left->item->base_text, right->item->base_text);
    order = order != 0 ? order : strcmp(left->item->current_text, right->item->current_text);
    order = order != 0 ? order : by_number(left->item->base, right->item->base);
    return order != 0 ? order : by_number(left->item->current, right->item->current);
}

static int by_place(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    int order = by_what(a, b);
    return order != 0 ? order : left->item < right->item ? -1 : left->item > right->item;
}

/* Worse before better; what has no size before all that has, then the largest. */
static int by_weight(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    if (left->item->change != right->item->change) {
        return left->item->change > right->item->change ? -1 : 1;
    }
    int order = by_number(right->weight, left->weight);
    return order != 0 ? order : left->item < right->item ? -1 : left->item > right->item;
}

/* Does a change of this row's cycles, of the same kind, say what this figure says? */
static bool follows(const struct rk_comparison *comparison, size_t i)
{
    static const char *const followers[] = {"cycles_max", "instructions", "energy_J"};
    const struct rk_change_item *item = &comparison->item[i];
    bool may = false;
    for (size_t at = 0; at < sizeof followers / sizeof followers[0]; at++) {
        may = may || strcmp(item->metric, followers[at]) == 0;
    }
    for (size_t at = i; may && at-- > 0 && comparison->item[at].subject == item->subject;) {
        const struct rk_change_item *before = &comparison->item[at];
        if (strcmp(before->metric, "cycles_median") == 0) {
            return before->change == item->change;
        }
    }
    return false;
}

/* out: lines on the heap, in the order to show; *left_out: some follow from others. */
static struct line *make_lines(const struct rk_comparison *comparison, size_t *lines, bool *left_out)
{
    struct line *line = malloc((comparison->items + 1) * sizeof *line);
    RK_REQUIRE(line != NULL);
    size_t count = 0;
    for (size_t i = 0; i < comparison->items; i++) {
        const struct rk_change_item *item = &comparison->item[i];
        double relative = relative_of(item);
        if (!follows(comparison, i)) {
            line[count++] = (struct line){item, comparison->subject[item->subject].group, 1,
                                          isnan(relative) ? INFINITY : fabs(relative)};
        }
    }
    qsort(line, count, sizeof *line, by_place);
    *lines = 0;
    *left_out = count < comparison->items;
    for (size_t i = 0; i < count; i++) {
        if (*lines > 0 && line[i].group[0] != '\0' && by_what(&line[*lines - 1], &line[i]) == 0) {
            line[*lines - 1].subjects++;
        } else {
            line[(*lines)++] = line[i];
        }
    }
    qsort(line, *lines, sizeof *line, by_weight);
    return line;
}

/* Changes by group: where it is. */
static void print_groups(const struct rk_comparison *comparison, FILE *out)
{
    bool any = false;
    for (size_t first = 0, next; first < comparison->subjects; first = next) {
        const char *group = comparison->subject[first].group;
        size_t worse = 0, better = 0, missing = 0;
        for (next = first; next < comparison->subjects && strcmp(comparison->subject[next].group, group) == 0; next++) {
            worse += comparison->subject[next].worst == RK_CHANGE_WORSE;
            missing += comparison->subject[next].worst == RK_CHANGE_MISSING;
            better += comparison->subject[next].worst == RK_CHANGE_BETTER;
        }
        if (group[0] == '\0' || worse + better + missing == 0) {
            continue;
        }
        if (!any) {
            fputs("\n| where | of | worse | not measured | better |\n|---|---:|---:|---:|---:|\n", out);
        }
        any = true;
        fprintf(out, "| %s | %zu | %zu | %zu | %zu |\n", group, next - first, worse, missing, better);
    }
}

static void print_headline(const struct rk_comparison *comparison, const struct rk_gate *gate, FILE *out)
{
    size_t subjects[RK_CHANGE_COUNT] = {0};
    for (size_t i = 0; i < comparison->subjects; i++) {
        subjects[comparison->subject[i].worst]++;
    }
    fprintf(out,
            "**%s**: %zu of %zu worse, %zu not measured, %zu better, %zu changed within bounds or doubt, %zu new\n",
            rk_comparison_fails(comparison, gate) ? "FAIL" : "PASS", subjects[RK_CHANGE_WORSE], comparison->subjects,
            subjects[RK_CHANGE_MISSING], subjects[RK_CHANGE_BETTER],
            subjects[RK_CHANGE_WITHIN] + subjects[RK_CHANGE_OTHER], subjects[RK_CHANGE_NEW]);
}

const char *const rk_compare_formats[] = {"md", "junit", "json", NULL};

void rk_comparison_markdown(const struct rk_comparison *comparison, const struct rk_gate *gate, FILE *out)
{
    size_t lines;
    bool left_out;
    struct line *line = make_lines(comparison, &lines, &left_out);
    print_headline(comparison, gate, out);
    fflush(comparison->note);
    if (comparison->notes_bytes > 0) {
        fprintf(out, "\n```\n%s```\n", comparison->notes);
    }
    print_groups(comparison, out);
    size_t shown = lines < ROWS_SHOWN ? lines : ROWS_SHOWN;
    if (left_out) {
        fputs("\nA row's cycles stand for its instructions, maximum and energy where these changed alike.\n", out);
    }
    if (shown > 0) {
        fputs("\n| | what | figure | base -> current |\n|---|---|---|---|\n", out);
    }
    for (size_t i = 0; i < shown; i++) {
        const struct rk_change_item *item = line[i].item;
        fprintf(out, "| %s | ", rki_change_name(item->change));
        print_subject(out, &comparison->subject[item->subject]);
        if (line[i].subjects > 1) {
            fprintf(out, " and %zu more", line[i].subjects - 1);
        }
        fprintf(out, " | %s | ", item->metric);
        print_change(out, item);
        fputs(" |\n", out);
    }
    if (shown < lines) {
        fprintf(out, "\n%zu more lines; `--json` has every change.\n", lines - shown);
    }
    free(line);
}

/* --- JUnit --- */

static bool fails(const struct rk_gate *gate, enum rk_change change)
{
    return change == RK_CHANGE_WORSE || (change == RK_CHANGE_MISSING && !gate->missing_is_fine);
}

/* A subject is a test case. in: its items, from *next on. */
static void print_case(const struct rk_comparison *comparison, const struct rk_gate *gate, size_t subject, size_t *next,
                       FILE *out)
{
    const struct rk_compare_subject *of = &comparison->subject[subject];
    bool failure = fails(gate, of->worst);
    fputs("    <testcase classname=\"", out);
    rk_xml_text(out, of->group[0] != '\0' ? of->group : "study");
    fputs("\" name=\"", out);
    rk_xml_text(out, of->name);
    fputs(failure ? "\">\n      <failure message=\"" : "\"/>\n", out);
    if (failure) {
        fprintf(out, "%s\">", rki_change_name(of->worst));
    }
    for (; *next < comparison->items && comparison->item[*next].subject == subject; (*next)++) {
        const struct rk_change_item *item = &comparison->item[*next];
        if (failure && fails(gate, item->change)) {
            char *line = NULL;
            size_t bytes = 0;
            FILE *text = open_memstream(&line, &bytes);
            RK_REQUIRE(text != NULL);
            fprintf(text, "%s %s: ", rki_change_name(item->change), item->metric);
            print_change(text, item);
            fclose(text);
            rk_xml_text(out, line);
            putc('\n', out);
            free(line);
        }
    }
    if (failure) {
        fputs("</failure>\n    </testcase>\n", out);
    }
}

void rk_comparison_junit(const struct rk_comparison *comparison, const struct rk_gate *gate, FILE *out)
{
    size_t failures = 0, next = 0;
    for (size_t i = 0; i < comparison->subjects; i++) {
        failures += fails(gate, comparison->subject[i].worst);
    }
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    fprintf(out, "  <testsuite name=\"rekeylab compare\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
            comparison->subjects, failures);
    for (size_t i = 0; i < comparison->subjects; i++) {
        print_case(comparison, gate, i, &next, out);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}

/* --- JSON --- */

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *side(const char *text, double value)
{
    return text[0] != '\0' ? json_string(text) : number_or_null(value);
}

json_t *rk_comparison_json(const struct rk_comparison *comparison)
{
    json_t *array = json_array();
    for (size_t i = 0; i < comparison->items; i++) {
        const struct rk_change_item *item = &comparison->item[i];
        const struct rk_compare_subject *subject = &comparison->subject[item->subject];
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "group", subject->group,
                             "subject", subject->name, "metric", item->metric, "unit", item->unit, "base",
                             side(item->base_text, item->base), "current", side(item->current_text, item->current),
                             "difference", number_or_null(item->current - item->base), "relative",
                             number_or_null(relative_of(item)), "low", number_or_null(item->low), "high",
                             number_or_null(item->high), "change", rki_change_name(item->change)));
    }
    return array;
}
