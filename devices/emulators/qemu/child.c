#include "devices/emulators/qemu/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define QEMU   "qemu-system-arm"
#define PLUGIN "rekeylab-cycles.so"

/* out: where the plugin is: REKEYLAB_LIB, or ../lib beside the running program. */
static enum rk_err find_plugin(char *path, size_t room, struct rk_diag *diag)
{
    const char *folder = getenv("REKEYLAB_LIB");
    char program[2048];

    if (folder != NULL) {
        snprintf(path, room, "%s/" PLUGIN, folder);
    } else {
        ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
        program[length > 0 ? length : 0] = '\0';
        if (length <= 0) { /* no /proc: as it was started */
            snprintf(program, sizeof program, "%s", (const char *)getauxval(AT_EXECFN));
        }
        char *slash = strrchr(program, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        snprintf(path, room, "%s/../lib/" PLUGIN, program);
    }
    if (access(path, R_OK) != 0) {
        return rk_fail(diag, RK_ERR_MISSING, "%s is missing: build the target rekeylab-cycles, or set REKEYLAB_LIB",
                       path);
    }
    return RK_OK;
}

enum { ARGUMENTS_MAX = 32, ARGUMENT_bytes = 4096 };

struct command {
    const char *argument[ARGUMENTS_MAX];
    char machine[128];
    char memory[512];
    char plugin[ARGUMENT_bytes];
};

static void make_command(struct command *command, const struct rki_child_setup *setup, const char *plugin, int control)
{
    unsigned n = 0;

    snprintf(command->machine, sizeof command->machine, "%s,memory-backend=ram", setup->machine);
    snprintf(command->memory, sizeof command->memory,
             "memory-backend-file,id=ram,size=%" PRIu64 ",mem-path=%s,share=on", setup->ram_bytes, setup->ram_path);
    snprintf(command->plugin, sizeof command->plugin,
             "%s,ctl=%d,ram=%d,base=%" PRIu64 ",low=%" PRIu32 ",guest=%" PRIu32 ",fine=%d", plugin, control,
             setup->ram_file, setup->ram_base, setup->stack_low, setup->guest, setup->fine ? 1 : 0);

    const char *fixed[] = {QEMU,   "-M",       command->machine, "-object",       command->memory, "-display",
                           "none", "-monitor", "none",           "-serial",       "none",          "-nodefaults",
                           "-nic", "none",     "-plugin",        command->plugin, "-kernel",       setup->image_path};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        command->argument[n++] = fixed[i];
    }
    if (setup->single_step) {
        command->argument[n++] = "-singlestep";
    }
    if (setup->icount) {
        command->argument[n++] = "-icount";
        command->argument[n++] = "shift=3,align=off,sleep=off";
    }
    command->argument[n] = NULL;
}

/* After fork: only async-signal-safe calls. */
_Noreturn static void become(const struct command *command, pid_t parent, int control, int ram_file, int messages)
{
    int nothing = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127); /* the parent ended before the line above */
    }
    dup2(nothing, STDIN_FILENO);
    dup2(messages, STDOUT_FILENO);
    dup2(messages, STDERR_FILENO);
    fcntl(control, F_SETFD, 0);
    fcntl(ram_file, F_SETFD, 0);
    execvp(QEMU, (char *const *)command->argument);
    static const char missing[] = QEMU " cannot be started: apt-get install qemu-system-arm";
    ssize_t written = write(STDERR_FILENO, missing, sizeof missing - 1);
    (void)written;
    _exit(127);
}

enum rk_err rki_child_start(struct rki_child *child, const struct rki_child_setup *setup, struct rk_diag *diag)
{
    char plugin[2200];
    struct command command;
    int ends[2];
    enum rk_err err = find_plugin(plugin, sizeof plugin, diag);

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
        become(&command, parent, ends[1], setup->ram_file, child->messages);
    }
    int error = errno;
    close(ends[1]);
    if (pid < 0) {
        rki_child_stop(child);
        return rk_fail(diag, RK_ERR_EMULATOR, "cannot start " QEMU ": %s", strerror(error));
    }
    child->pid = pid;
    return RK_OK;
}

void rki_child_send(struct rki_child *child, const struct rki_request *request)
{
    ssize_t sent = send(child->control, request, sizeof *request, MSG_NOSIGNAL);
    (void)sent; /* an ended child is seen when its reply is awaited */
}

enum rki_receive rki_child_receive(struct rki_child *child, struct rki_reply *reply, unsigned guard_s)
{
    struct pollfd wait = {.fd = child->control, .events = POLLIN};
    int ready;

    do {
        ready = poll(&wait, 1, (int)(guard_s * 1000));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        return RKI_CHILD_STUCK;
    }
    ssize_t received = recv(child->control, reply, sizeof *reply, 0);
    return received == (ssize_t)sizeof *reply ? RKI_RECEIVED : RKI_CHILD_ENDED;
}

/* "Lockup" is what QEMU prints, followed by a register dump, when a fault handler faults: the word that matters. */
void rki_child_last_message(const struct rki_child *child, char *text, size_t room)
{
    char all[4096];
    ssize_t length = pread(child->messages, all, sizeof all - 1, 0);

    all[length > 0 ? length : 0] = '\0';
    char *lockup = strstr(all, "Lockup");
    char *line = lockup != NULL ? lockup : all;
    if (lockup == NULL) {
        size_t end = strlen(all);
        while (end > 0 && all[end - 1] == '\n') {
            all[--end] = '\0';
        }
        char *last = strrchr(all, '\n');
        line = last != NULL ? last + 1 : all;
    }
    line[strcspn(line, "\n")] = '\0';
    snprintf(text, room, "%s", line);
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
