/* engine/study/layers.h - what lies under a scenario's file: the defaults of its policy, its service, and under them its platform's
 *
 * Model: scenario > policy > service > platform > default of the field. The four files make one tree, whose nodes know which file
 *        they stand in, and that tree is loaded as a scenario's file alone would be. A study whose axes go over them
 *        has one such tree for each combination that occurs.
 * Error: RK_ERR_INPUT at the place of the value, in whichever file that is.
 */
#ifndef ENGINE_STUDY_LAYERS_H
#define ENGINE_STUDY_LAYERS_H

#include "engine/study/platform_file.h"
#include "engine/study/scenario.h"
#include "engine/study/service_file.h"

/* Makes study->base, of which study->scenario becomes the first one. in: root of the tree; a study whose `root` and
 * settled axes are there, and whose `scenario` has what the file and the command line say. */
RK_MUST_CHECK enum rk_err rki_layers_load(struct rk_study *study, const char *root, struct rk_diag *diag);

/* out: a file's text, in the arena, and its hash. Errors: RK_ERR_IO. */
RK_MUST_CHECK enum rk_err rki_text_read(const char *path, struct rk_arena *arena, const char **read, char sha256[65],
                                        struct rk_diag *diag);

/* out: the one that a point is laid over. */
const struct rk_study_base *rki_layers_base(const struct rk_study *study, size_t point);

#endif
