#include "devices/emulators/qemu/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/emulators/qemu/release.h"

enum { ARGUMENTS_MAX = 48, ONE_INSN_PER_TB_SINCE = 801 };

struct command {
    const char *argument[ARGUMENTS_MAX];
    unsigned count;
    struct rki_release release;
    char machine[128];
    char memory[512];
    char plugin[2 * RKI_PATH_bytes];
    char options[128];
};

static void add(struct command *command, const char *option, const char *value)
{
    command->argument[command->count++] = option;
    if (value != NULL) {
        command->argument[command->count++] = value;
    }
}

static void name_plugin(struct command *command, const struct rki_child_setup *setup, const char *plugin, int control)
{
    char *text = command->plugin;
    uint64_t code = setup->machine->memory[0].base;
    int used = snprintf(
        text, sizeof command->plugin,
        "%s,ctl=%d,board=%d,isa=%d,low=%" PRIu64 ",top=%" PRIu64 ",guest=%" PRIu64 ",code=%" PRIu64 ",flash=%" PRIu64
        ",lines=%" PRIu64 ",width=%" PRIu64 ",budget=%" PRIu64 ",v6m=%d,end=%d,fine=%d,bare=%d",
        plugin, control, setup->board->file, (int)setup->machine->isa, setup->stack_low, setup->stack_top, setup->guest,
        code, setup->machine->runs_from_ram ? 0 : code + setup->flash_bytes, setup->data_lines, setup->line_bytes,
        setup->budget_instructions, setup->v6m, setup->measures, setup->fine, setup->bare);
    if (setup->ram != NULL) {
        snprintf(text + used, sizeof command->plugin - (size_t)used,
                 ",ram=%d,base=%" PRIu64 ",nvm=%" PRIu64 ",nvmsize=%" PRIu64 ",nvmblock=%" PRIu64, setup->ram->file,
                 setup->machine->ram_base, setup->nvm, setup->nvm_bytes, setup->nvm_block);
    }
}

static void name_machine(struct command *command, const struct rki_child_setup *setup)
{
    const struct rk_machine *machine = setup->machine;

    snprintf(command->machine, sizeof command->machine, "%s%s", machine->board != NULL ? machine->board : machine->name,
             setup->ram != NULL ? ",memory-backend=ram" : "");
    add(command, "-M", command->machine);
    if (machine->takes_cpu) {
        add(command, "-cpu", setup->cpu);
    }
    if (machine->options != NULL) {
        snprintf(command->options, sizeof command->options, "%s", machine->options);
        char *blank = strchr(command->options, ' ');
        *blank = '\0';
        add(command, command->options, blank + 1);
    }
    if (setup->ram != NULL) {
        snprintf(command->memory, sizeof command->memory,
                 "memory-backend-file,id=ram,size=%" PRIu64 ",mem-path=%s,share=on", machine->ram_bytes,
                 setup->ram->path);
        add(command, "-object", command->memory);
    }
}

static void make_command(struct command *command, const struct rki_child_setup *setup, const char *plugin, int control)
{
    static const char *const silent[] = {"-display", "none", "-monitor", "none",       "-serial",
                                         "none",     "-nic", "none",     "-nodefaults"};

    command->count = 0;
    add(command, command->release.program, NULL);
    name_machine(command, setup);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        add(command, silent[i], NULL);
    }
    name_plugin(command, setup, plugin, control);
    add(command, "-plugin", command->plugin);
    if (setup->measures) {
        add(command, "-semihosting-config", "enable=on,target=native");
        add(command, "-d", "int");
    }
    if (setup->single_step) {
        bool renamed = command->release.number >= ONE_INSN_PER_TB_SINCE;
        add(command, renamed ? "-accel" : "-singlestep", renamed ? "tcg,one-insn-per-tb=on" : NULL);
    }
    if (setup->icount) {
        add(command, "-icount", "shift=3,align=off,sleep=off");
    }
    add(command, "-kernel", setup->image_path);
    command->argument[command->count] = NULL;
}

/* After fork: only async-signal-safe calls. */
_Noreturn static void become(const struct command *command, const struct rki_child_setup *setup, pid_t parent,
                             int control, int messages)
{
    static const char missing[] = "cannot be started: apt-get install qemu-system-arm";
    int nothing = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127); /* the parent ended before the line above */
    }
    dup2(nothing, STDIN_FILENO);
    dup2(messages, STDOUT_FILENO);
    dup2(messages, STDERR_FILENO);
    fcntl(control, F_SETFD, 0);
    fcntl(setup->board->file, F_SETFD, 0);
    if (setup->ram != NULL) {
        fcntl(setup->ram->file, F_SETFD, 0);
    }
    execvp(command->release.program, (char *const *)command->argument);
    ssize_t written = write(STDERR_FILENO, command->release.program, strlen(command->release.program));
    written = written < 0 ? written : write(STDERR_FILENO, " ", 1);
    written = written < 0 ? written : write(STDERR_FILENO, missing, sizeof missing - 1);
    (void)written;
    _exit(127);
}

enum rk_err rki_child_start(struct rki_child *child, const struct rki_child_setup *setup, struct rk_diag *diag)
{
    char plugin[RKI_PATH_bytes];
    struct command command;
    int ends[2];

    rki_release_find(&command.release, setup->machine->program);
    enum rk_err err = rki_release_plugin(&command.release, plugin, sizeof plugin, diag);
    *child = (struct rki_child){.control = -1, .messages = -1};
    if (err != RK_OK) {
        return err;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return rk_fail(diag, RK_ERR_EMULATOR, "socketpair: %s", strerror(errno));
    }
    child->control = ends[0];
    child->messages = memfd_create("rekeylab-qemu-messages", MFD_CLOEXEC);
    make_command(&command, setup, plugin, ends[1]);
    pid_t parent = getpid();
    pid_t pid = child->messages >= 0 ? fork() : -1;
    if (pid == 0) {
        become(&command, setup, parent, ends[1], child->messages);
    }
    int error = errno;
    close(ends[1]);
    if (pid < 0) {
        rki_child_stop(child);
        return rk_fail(diag, RK_ERR_EMULATOR, "cannot start %s: %s", command.release.program, strerror(error));
    }
    child->pid = pid;
    return RK_OK;
}

void rki_child_send(struct rki_child *child, const struct rki_request *request)
{
    ssize_t sent = send(child->control, request, sizeof *request, MSG_NOSIGNAL);
    (void)sent; /* an ended child is seen when its reply is awaited */
}

enum rki_receive rki_child_receive(struct rki_child *child, struct rki_reply *reply, int guard_ms)
{
    struct pollfd wait = {.fd = child->control, .events = POLLIN};
    int ready;

    do {
        ready = poll(&wait, 1, guard_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        return RKI_CHILD_STUCK;
    }
    ssize_t received = recv(child->control, reply, sizeof *reply, 0);
    return received == (ssize_t)sizeof *reply ? RKI_RECEIVED : RKI_CHILD_ENDED;
}

char *rki_child_messages(const struct rki_child *child)
{
    struct stat about;
    size_t bytes = fstat(child->messages, &about) == 0 ? (size_t)about.st_size : 0;
    char *text = malloc(bytes + 1);
    if (text != NULL) {
        ssize_t length = pread(child->messages, text, bytes, 0);
        text[length > 0 ? length : 0] = '\0';
    }
    return text;
}

static void copy_line(const char *from, char *text, size_t room)
{
    int length = (int)strcspn(from, "\r\n");
    snprintf(text, room, "%.*s", length, from);
}

void rki_child_last_message(const struct rki_child *child, char *text, size_t room)
{
    char *all = rki_child_messages(child);

    text[0] = '\0';
    if (all == NULL) {
        return;
    }
    size_t end = strlen(all);
    while (end > 0 && all[end - 1] == '\n') {
        all[--end] = '\0';
    }
    char *last = strrchr(all, '\n');
    copy_line(last != NULL ? last + 1 : all, text, room);
    free(all);
}

bool rki_child_said(const struct rki_child *child, const char *sign, char *text, size_t room)
{
    char *all = rki_child_messages(child);
    const char *found = all != NULL ? strstr(all, sign) : NULL;

    text[0] = '\0';
    if (found != NULL) {
        copy_line(found, text, room);
    }
    free(all);
    return found != NULL;
}

enum rk_err rki_child_refused(const struct rki_child *child, const char *program, struct rk_diag *diag)
{
    struct rki_release release;
    char text[160];

    if (!rki_child_said(child, "API version", text, sizeof text) &&
        !rki_child_said(child, "Could not load plugin", text, sizeof text)) {
        return RK_OK;
    }
    rki_release_find(&release, program);
    return rk_fail(diag, RK_ERR_MISSING,
                   "%s %s does not take our plugin, expected QEMU 6.0 to 8.2, or 9.1 to 10.0: apt-get install "
                   "qemu-system-arm, or name the folder of another in REKEYLAB_QEMU",
                   release.program, release.version);
}

int rki_child_exit_status(struct rki_child *child)
{
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void rki_child_stop(struct rki_child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (child->control >= 0) {
        close(child->control);
    }
    if (child->messages >= 0) {
        close(child->messages);
    }
    *child = (struct rki_child){.control = -1, .messages = -1};
}
