#include "bench/compare/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void rk_comparison_init(struct rk_comparison *comparison)
{
    *comparison = (struct rk_comparison){.subjects = 0};
    comparison->note = open_memstream(&comparison->notes, &comparison->notes_bytes);
    RK_REQUIRE(comparison->note != NULL);
}

void rk_comparison_fini(struct rk_comparison *comparison)
{
    fclose(comparison->note);
    free(comparison->notes);
    free(comparison->subject);
    free(comparison->item);
}

const char *rki_change_name(enum rk_change change)
{
    static const char *const names[RK_CHANGE_COUNT] = {
        [RK_CHANGE_SAME] = "same",     [RK_CHANGE_WITHIN] = "within", [RK_CHANGE_BETTER] = "better",
        [RK_CHANGE_OTHER] = "changed", [RK_CHANGE_NEW] = "new",       [RK_CHANGE_MISSING] = "not measured",
        [RK_CHANGE_WORSE] = "worse"};
    return names[change];
}

/* Room for one more, a power of two at a time. */
static void *grown(void *memory, size_t count, size_t bytes)
{
    if ((count & (count - 1)) == 0) {
        memory = realloc(memory, (count > 0 ? 2 * count : 1) * bytes);
        RK_REQUIRE(memory != NULL);
    }
    return memory;
}

size_t rki_compare_subject(struct rk_comparison *comparison, const char *group, const char *name)
{
    comparison->subject = grown(comparison->subject, comparison->subjects, sizeof *comparison->subject);
    struct rk_compare_subject *subject = &comparison->subject[comparison->subjects];
    *subject = (struct rk_compare_subject){.worst = RK_CHANGE_SAME};
    snprintf(subject->group, sizeof subject->group, "%s", group);
    snprintf(subject->name, sizeof subject->name, "%s", name);
    return comparison->subjects++;
}

static void add(struct rk_comparison *comparison, const struct rk_change_item *item)
{
    comparison->figures++;
    comparison->count[item->change]++;
    if (item->change == RK_CHANGE_SAME) {
        return;
    }
    RK_REQUIRE(comparison->subjects > 0);
    comparison->item = grown(comparison->item, comparison->items, sizeof *comparison->item);
    comparison->item[comparison->items] = *item;
    comparison->item[comparison->items++].subject = comparison->subjects - 1;
    struct rk_compare_subject *subject = &comparison->subject[comparison->subjects - 1];
    subject->worst = item->change > subject->worst ? item->change : subject->worst;
}

static enum rk_change judge(const struct rk_gate_rule *rule, const struct rk_change_item *item, bool doubt)
{
    if (isnan(item->base) && isnan(item->current)) {
        return RK_CHANGE_SAME;
    }
    if (isnan(item->base) || isnan(item->current)) {
        return isnan(item->base) ? RK_CHANGE_NEW : RK_CHANGE_MISSING;
    }
    double difference = item->current - item->base;
    if (difference == 0 && !doubt) {
        return RK_CHANGE_SAME;
    }
    double bound = fmax(rule->absolute, rule->relative * fabs(item->base));
    enum rk_better better = rk_gate_better(item->metric);
    if (doubt || fabs(difference) <= bound) {
        return RK_CHANGE_WITHIN;
    }
    if (better == RK_BETTER_NEITHER) {
        return RK_CHANGE_OTHER;
    }
    return (difference < 0) == (better == RK_BETTER_LOW) ? RK_CHANGE_BETTER : RK_CHANGE_WORSE;
}

void rki_compare_figure(struct rk_comparison *comparison, const struct rk_gate *gate, const struct rk_change_item *item,
                        bool doubt)
{
    const struct rk_gate_rule *rule = rk_gate_rule(gate, item->metric);
    struct rk_change_item judged = *item;
    if (rule->ignored) {
        return;
    }
    judged.change = judge(rule, item, doubt);
    add(comparison, &judged);
}

void rki_compare_text(struct rk_comparison *comparison, const char *metric, const char *base, const char *current,
                      const char *ok)
{
    struct rk_change_item item = {.base = NAN, .current = NAN, .low = NAN, .high = NAN};
    snprintf(item.metric, sizeof item.metric, "%s", metric);
    snprintf(item.base_text, sizeof item.base_text, "%s", base);
    snprintf(item.current_text, sizeof item.current_text, "%s", current);
    bool same = strcmp(base, current) == 0;
    item.change = same                       ? RK_CHANGE_SAME
                  : strcmp(base, ok) == 0    ? RK_CHANGE_WORSE
                  : strcmp(current, ok) == 0 ? RK_CHANGE_BETTER
                                             : RK_CHANGE_OTHER;
    add(comparison, &item);
}

bool rk_comparison_fails(const struct rk_comparison *comparison, const struct rk_gate *gate)
{
    return comparison->count[RK_CHANGE_WORSE] > 0 ||
           (comparison->count[RK_CHANGE_MISSING] > 0 && !gate->missing_is_fine);
}
