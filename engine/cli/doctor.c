/* engine/cli/doctor.c - `rekeylab doctor`: what is installed, in which version, what it enables, what is missing
 *
 * A program is asked for its version; a library that is linked says its own. Sources of crypto libraries are listed by
 * backends/fetch, which alone knows where they are kept.
 */
#include <ctype.h>
#include <fcntl.h>
#include <gelf.h>
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "devices/emulators/emulator.h"
#include "engine/cli/cli.h"
#include "engine/cli/lists.h"
#include "engine/cli/options.h"
#include "engine/core/program.h"

enum { ARGUMENTS_MAX = 9, FINDINGS_MAX = 64 };

#define INSTALL "apt-get install --no-install-recommends"

/* A program, and how to learn its version: run `argv`; the first number with a dot after `key` in what it prints. */
struct program {
    const char *tool, *package, *enables;
    const char *argv[ARGUMENTS_MAX];
    const char *key;
    bool optional;
};

#define GCC_VERSION       "-dumpfullversion", "-dumpversion"
#define MACROS_OF(header) "-E", "-dM", "-x", "c", "-include", header, "/dev/null"
#define NEWLIB_MACROS     "arm-none-eabi-gcc", MACROS_OF("_newlib_version.h")

static const struct program programs[] = {
    {"cc", "gcc", "building; backends on the host", {"cc", GCC_VERSION}, "", false},
    {"cmake", "cmake", "building; firmware", {"cmake", "--version"}, "", false},
    {"ninja", "ninja-build", "building; firmware", {"ninja", "--version"}, "", false},
    {"avr-gcc", "gcc-avr", "AVR firmware", {"avr-gcc", GCC_VERSION}, "", false},
    {"avr-libc", "avr-libc", "AVR firmware", {"avr-gcc", MACROS_OF("avr/version.h")}, "AVR_LIBC_VERSION_STRING", false},
    {"arm-none-eabi-gcc",
     "gcc-arm-none-eabi",
     "Cortex-M and Cortex-A7 firmware",
     {"arm-none-eabi-gcc", GCC_VERSION},
     "",
     false},
    {"newlib", "libnewlib-arm-none-eabi", "Cortex-M firmware", {NEWLIB_MACROS}, "_NEWLIB_VERSION", false},
    {"aarch64-linux-gnu-gcc",
     "gcc-aarch64-linux-gnu",
     "Cortex-A53 firmware",
     {"aarch64-linux-gnu-gcc", GCC_VERSION},
     "",
     false},
    {"openssl", "openssl", "handshakes with a server of others", {"openssl", "version"}, "", false},
    {"qemu-system-arm",
     "qemu-system-arm",
     "Cortex-M and Cortex-A7 emulation",
     {"qemu-system-arm", "--version"},
     "version",
     false},
    {"qemu-system-aarch64",
     "qemu-system-arm",
     "Cortex-A53 emulation",
     {"qemu-system-aarch64", "--version"},
     "version",
     false},
    {"clang", "clang", "MSP430 firmware", {"clang", "--version"}, "version", false},
    {"ld.lld", "lld", "MSP430 firmware", {"ld.lld", "--version"}, "LLD", false},
    {"mspdebug", "mspdebug", "tests of the MSP430 core", {"mspdebug", "--version"}, "version", true},
    {"frama-c", "frama-c-base", "proof of the lifecycle", {"frama-c", "-version"}, "", true},
    {"why3", "why3", "proof of the lifecycle", {"why3", "--version"}, "version", true},
    {"z3", "z3", "proof of the lifecycle", {"z3", "--version"}, "version", true},
    {"cvc4", "cvc4", "proof of the lifecycle", {"cvc4", "--version"}, "version", true},
    {"spin", "spin", "model of renewal", {"spin", "-V"}, "Version", true},
    {"gnuplot", "gnuplot-nox", "figures of reports", {"gnuplot", "--version"}, "", false},
    {"dpkg-source", "dpkg-dev", "unpacking library sources", {"dpkg-source", "--version"}, "version", false},
    {"mpirun", "libopenmpi-dev openmpi-bin", "runs over several machines", {"mpirun", "--version"}, "MPI)", true},
    {"sbatch", "slurm-wlm munge", "tests of arrays of jobs", {"sbatch", "--version"}, "", true},
    {"ns-3", "g++ libns3-dev", "speed --peers", {"pkg-config", "--modversion", "ns3-core"}, "", true},
    {"SimGrid", "g++ libsimgrid-dev", "speed --peers", {"pkg-config", "--modversion", "simgrid"}, "", true},
    {"zsh", "zsh", "tests of completion", {"zsh", "--version"}, "zsh", true},
    {"fish", "fish", "tests of completion", {"fish", "--version"}, "version", true},
    {"mandoc", "mandoc", "tests of the manual page", {"dpkg-query", "-W", "mandoc"}, "mandoc", true},
    {"git", "git", "revision in provenance", {"git", "--version"}, "", true},
};

struct finding {
    char tool[32], version[64], sha256[65], directory[512];
    const char *enables, *package; /* package: what has it where it is missing */
    char status[160];
    bool in_order;
};

struct findings {
    struct finding row[FINDINGS_MAX];
    size_t count;
};

static struct finding *add(struct findings *findings, const char *tool, const char *enables)
{
    RK_REQUIRE(findings->count < FINDINGS_MAX);
    struct finding *finding = &findings->row[findings->count++];
    memset(finding, 0, sizeof *finding);
    snprintf(finding->tool, sizeof finding->tool, "%s", tool);
    finding->enables = enables;
    finding->in_order = true;
    strcpy(finding->status, "ok");
    return finding;
}

/* True when argv exits with 0; what it prints becomes text, cut at size. */
static bool output_of(const char *const *argv, char *text, size_t size)
{
    return rk_program_run(argv, (struct rk_program_text){text, size}, (struct rk_program_text){NULL, 0}) == 0;
}

/* Copies the first number with a dot in it after key. */
static bool version_after(const char *text, const char *key, char *version, size_t size)
{
    const char *at = strstr(text, key);
    for (at = at ? at + strlen(key) : ""; *at; at++) {
        size_t length = strspn(at, "0123456789.");
        if (isdigit((unsigned char)at[0]) && memchr(at, '.', length)) {
            length -= at[length - 1] == '.';
            snprintf(version, size, "%.*s", (int)length, at);
            return true;
        }
        at += length ? length - 1 : 0;
    }
    return false;
}

static void look_at_program(const struct program *program, struct findings *findings)
{
    static char text[1 << 16];
    struct finding *finding = add(findings, program->tool, program->enables);
    if (!output_of(program->argv, text, sizeof text) ||
        !version_after(text, program->key, finding->version, sizeof finding->version)) {
        finding->package = program->package;
        finding->in_order = program->optional;
        snprintf(finding->status, sizeof finding->status, "missing%s: " INSTALL " %s",
                 program->optional ? ", optional" : "", program->package);
    }
}

/* Finds a program as the shell does. */
static bool path_of(const char *program, char *path, size_t size)
{
    const char *directories = getenv("PATH");
    while (directories && *directories) {
        size_t length = strcspn(directories, ":");
        snprintf(path, size, "%.*s/%s", (int)length, directories, program);
        if (access(path, X_OK) == 0) {
            return true;
        }
        directories += length + (directories[length] == ':');
    }
    return false;
}

/* Does the dynamic symbol table of the ELF file define symbol? */
static bool exports(const char *path, const char *symbol)
{
    bool found = false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    elf_version(EV_CURRENT);
    Elf *elf = file >= 0 ? elf_begin(file, ELF_C_READ, NULL) : NULL;
    for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        Elf_Data *data = elf_getdata(section, NULL);
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM || header.sh_entsize == 0 || !data) {
            continue;
        }
        for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
            GElf_Sym entry;
            if (gelf_getsym(data, (int)i, &entry) && entry.st_shndx != SHN_UNDEF) {
                const char *name = elf_strptr(elf, header.sh_link, entry.st_name);
                found = found || (name && strcmp(name, symbol) == 0);
            }
        }
    }
    elf_end(elf);
    if (file >= 0) {
        close(file);
    }
    return found;
}

/* Counting instructions takes a QEMU that was built with plugins. */
static void look_at_plugins(struct findings *findings)
{
    char path[4096];
    struct finding *finding = add(findings, "qemu plugins", "Cortex-M and Cortex-A cycles");
    if (!path_of("qemu-system-arm", path, sizeof path) || !exports(path, "qemu_plugin_register_vcpu_tb_trans_cb")) {
        finding->in_order = false;
        strcpy(finding->status, "missing: a qemu-system-arm built with --enable-plugins, as Debian's is");
    }
}

/* Libraries this program could not have started without. */
static void look_at_linked(struct findings *findings)
{
    int major, minor, patch;
    yaml_get_version(&major, &minor, &patch);
    struct finding *finding = add(findings, "libyaml", "device, scenario and radio files");
    snprintf(finding->version, sizeof finding->version, "%d.%d.%d", major, minor, patch);
    finding = add(findings, "sqlite3", "results and their queries");
    snprintf(finding->version, sizeof finding->version, "%s", sqlite3_libversion());
    finding = add(findings, "gsl", "statistics");
    snprintf(finding->version, sizeof finding->version, "%s", gsl_version);
    finding = add(findings, "jansson", "--json");
    snprintf(finding->version, sizeof finding->version, "%s", jansson_version_str());
    finding = add(findings, "simavr", "AVR emulation");
    const struct rk_emulator_driver *simavr = rk_emulator_driver_find("simavr");
    RK_REQUIRE(simavr != NULL);
    version_after(simavr->version(), "", finding->version, sizeof finding->version);
}

/* Takes the next field of a line of `backends/fetch --list`, which ends at a tab or at the line's end. */
static void take_field(char **line, char *out, size_t size)
{
    size_t length = strcspn(*line, "\t\n");
    snprintf(out, size, "%.*s", (int)length, *line);
    *line += length + ((*line)[length] == '\t');
}

static void look_at_sources(struct findings *findings)
{
    static char text[1 << 14];
    char command[4096];
    snprintf(command, sizeof command, "%s/backends/fetch", rk_cli_root());
    output_of((const char *[]){command, "--list", NULL}, text, sizeof text);
    for (size_t i = 0; rk_libraries[i] != NULL; i++) {
        bool found = false;
        for (char *line = text; *line; line += *line == '\n') {
            char name[32], row_version[64], sha256[65], directory[512];
            take_field(&line, name, sizeof name);
            take_field(&line, row_version, sizeof row_version);
            take_field(&line, sha256, sizeof sha256);
            take_field(&line, directory, sizeof directory);
            if (strcmp(name, rk_libraries[i]) == 0) {
                struct finding *finding = add(findings, rk_libraries[i], "backend: library source");
                snprintf(finding->version, sizeof finding->version, "%s", row_version);
                if (isxdigit((unsigned char)sha256[0]) && strlen(sha256) == 64) {
                    memcpy(finding->sha256, sha256, sizeof sha256);
                } else {
                    snprintf(finding->status, sizeof finding->status, "ok, %s", sha256);
                }
                snprintf(finding->directory, sizeof finding->directory, "%s", directory);
                found = true;
            }
        }
        if (!found) {
            struct finding *finding = add(findings, rk_libraries[i], "backend: library source");
            snprintf(finding->status, sizeof finding->status, "fetched when first needed: backends/fetch %s",
                     rk_libraries[i]);
        }
    }
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static enum rk_err print_json(const struct findings *findings, struct rk_diag *diag)
{
    json_t *array = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->row[i];
        json_t *object = json_object();
        json_object_set_new(object, "tool", json_string(finding->tool));
        json_object_set_new(object, "version", text_or_null(finding->version));
        json_object_set_new(object, "enables", json_string(finding->enables));
        json_object_set_new(object, "status", json_string(finding->status));
        if (finding->directory[0]) {
            json_object_set_new(object, "sha256", text_or_null(finding->sha256));
            json_object_set_new(object, "directory", json_string(finding->directory));
        }
        json_array_append_new(array, object);
    }
    return rk_cli_print_json(array, diag);
}

static void print_table(const struct findings *findings)
{
    printf("%-18s %-10s %-30s %s\n", "tool", "version", "enables", "status");
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->row[i];
        printf("%-18s %-10s %-30s %s", finding->tool, finding->version[0] ? finding->version : "-", finding->enables,
               finding->status);
        if (finding->sha256[0]) {
            printf(", sha256 %.16s", finding->sha256);
        }
        putchar('\n');
    }
}

/* One line that installs all of these at once; a package of several tools stands there once. */
static void say_install(const struct findings *findings, bool needed, const char *what)
{
    char line[1024] = " ";
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->row[i];
        char word[128];
        snprintf(word, sizeof word, "%s ", finding->package != NULL ? finding->package : "");
        if (finding->package != NULL && finding->in_order != needed && strstr(line, word) == NULL) {
            size_t used = strlen(line);
            snprintf(line + used, sizeof line - used, "%s", word);
        }
    }
    if (line[1] != '\0') {
        fprintf(stderr, "rekeylab: %s: " INSTALL "%.*s\n", what, (int)strlen(line) - 1, line);
    }
}

static enum rk_err run(void *json, char **argument, size_t count, struct rk_diag *diag)
{
    static struct findings findings;
    enum rk_err err = RK_OK;
    bool missing = false;
    (void)argument, (void)count;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        look_at_program(&programs[i], &findings);
    }
    look_at_plugins(&findings);
    look_at_linked(&findings);
    look_at_sources(&findings);
    if (*(bool *)json) {
        err = print_json(&findings, diag);
    } else {
        print_table(&findings);
    }
    for (size_t i = 0; i < findings.count && !err; i++) {
        if (!findings.row[i].in_order) {
            fprintf(stderr, "rekeylab: %s: %s\n", findings.row[i].tool, findings.row[i].status);
            missing = true;
        }
    }
    say_install(&findings, true, "to have what is needed");
    say_install(&findings, false, "to have what is optional too");
    return !err && missing ? RK_ERR_MISSING : err;
}

int rk_cli_doctor(int argc, char **argv)
{
    bool json = false;
    const struct rk_option table[] = {
        RK_OPTION_JSON(&json),
    };
    const struct rk_command command = {
        .name = "doctor",
        .arguments = "",
        .summary = "what is installed, in which version, what it enables, what is missing",
        .example = "rekeylab doctor --json",
        .option = table,
        .options = sizeof table / sizeof table[0],
    };
    return rk_command_run(&command, argc, argv, run, &json);
}
