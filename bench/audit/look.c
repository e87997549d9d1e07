#include "bench/audit/look.h"

#include <string.h>

#include "bench/audit/case.h"

void rk_look_at(struct rk_look *look, const struct rk_sweep_cell *cell, const struct rk_study_environment *environment,
                bool memory)
{
    struct rk_diag diag = {""};
    char sha256[65];
    const struct rk_device_profile *device = &cell->device->profile;
    const struct rk_zeroise_request request = {.device = device->name, .backend = cell->backend, .ops = "lifecycle"};
    memset(look, 0, sizeof *look);
    enum rk_err err =
        environment->image(environment->context, device->name, cell->backend, NULL, look->image, sha256, &diag);
    if (err != RK_OK) {
        look->image[0] = '\0';
    } else if (memory) {
        err = rk_zeroise_look(&request, &look->row, &look->rows, &diag);
    }
    if (err == RK_OK && look->rows > 0 && strcmp(look->row[0].status, "ok") != 0) {
        err = rk_fail(&diag, RK_ERR_CHECK, "%s", look->row[0].status);
    }
    if (err != RK_OK) {
        rk_zeroise_free(look->row, look->rows);
        look->row = NULL;
        look->rows = 0;
        snprintf(look->reason, sizeof look->reason, "%s", diag.text);
    }
}

void rk_look_fini(struct rk_look *look)
{
    rk_zeroise_free(look->row, look->rows);
}

uint64_t rk_look_judge(const struct rk_look *look, rk_look_fn *asked, struct rk_audit_row *row, char text[256])
{
    if (look == NULL || look->rows == 0) {
        snprintf(text, 256, "; the device itself was not looked into: %s",
                 look != NULL ? look->reason : "not asked for");
        return 0;
    }
    for (size_t i = 0; i < look->rows; i++) {
        for (unsigned j = 0; j < look->row[i].residues; j++) {
            const struct rk_zeroise_residue *residue = &look->row[i].residue[j];
            if (asked(&look->row[i], residue)) {
                rk_counter(row, "%s, %s: %u bytes of %s in %s at 0x%llx, of %s%s%s", look->row[i].device,
                           look->row[i].op, residue->bytes, residue->what, residue->where,
                           (unsigned long long)residue->address,
                           residue->owner == RK_ZEROISE_LIBRARY ? look->row[i].backend : "our own code",
                           residue->symbol[0] != '\0' ? ", " : "", residue->symbol);
            }
        }
    }
    snprintf(text, 256, "; registers, RAM and NVM of %s searched after each of %zu events", look->row[0].device,
             look->rows);
    return look->rows;
}
