/* bench/handshake_openssl.c - OpenSSL's s_server on a port of the loopback, as a peer */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/handshake/credentials.h"
#include "bench/handshake_internal.h"
#include "engine/core/program.h"

enum { WAIT_ms = 10000, SAID_bytes = 16384, ARGUMENTS_MAX = 40 };

struct rki_openssl {
    pid_t process;
    int socket, to, from; /* its standard input and output */
    bool datagrams;
    char folder[64];
    char said[SAID_bytes]; /* all that it printed */
    size_t said_bytes;
    uint8_t stream[2 * RKI_MESSAGE_MAX_bytes];
    size_t stream_bytes;
    struct rki_messages seen; /* datagrams that came */
    uint64_t reached;         /* the end of the furthest handshake message in the clear: number, offset */
};

static bool store(const char *folder, const char *name, const uint8_t *data, size_t bytes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    bool whole = file != NULL && fwrite(data, 1, bytes, file) == bytes;
    return file != NULL && fclose(file) == 0 && whole;
}

/* More of what it prints. out: false when nothing came in time. */
static bool listen_more(struct rki_openssl *server)
{
    struct pollfd waits = {.fd = server->from, .events = POLLIN};
    if (server->said_bytes + 1 >= sizeof server->said || poll(&waits, 1, WAIT_ms) != 1) {
        return false;
    }
    ssize_t got = read(server->from, server->said + server->said_bytes, sizeof server->said - 1 - server->said_bytes);
    if (got <= 0) {
        return false;
    }
    server->said_bytes += (size_t)got;
    server->said[server->said_bytes] = '\0';
    return true;
}

static const char *wait_for(struct rki_openssl *server, const char *text)
{
    const char *at;
    while ((at = strstr(server->said, text)) == NULL) {
        if (!listen_more(server)) {
            return NULL;
        }
    }
    return at;
}

static const char *last_words(struct rki_openssl *server)
{
    while (server->said_bytes > 0 && server->said[server->said_bytes - 1] == '\n') {
        server->said[--server->said_bytes] = '\0';
    }
    const char *line = strrchr(server->said, '\n');
    return line != NULL ? line + 1 : server->said;
}

/* in: room of ARGUMENTS_MAX. */
static void arguments(const struct rk_handshake_request *request, const char **argv)
{
    static const char *const always[] = {"openssl",    "s_server",     "-accept", "127.0.0.1:0", "-naccept", "1",
                                         "-no_ticket", "-num_tickets", "0",       "-cipher",     NULL};
    static const char *const version[] = {[RK_DTLS12] = "-dtls1_2", [RK_TLS12] = "-tls1_2", [RK_TLS13] = "-tls1_3"};
    static const char *const psk[] = {"-nocert",       "-psk",           "000102030405060708090a0b0c0d0e0f",
                                      "-psk_identity", RK_TEST_IDENTITY, NULL};
    static const char *const certificate[] = {
        "-cert",          "server.der",    "-certform", "DER", "-key", "server.key.der", "-keyform", "DER",
        "-verifyCAstore", "authority.der", "-Verify",   "1",   NULL};
    static const char *const suite[] = {[RK_AUTH_PSK] = "PSK-AES128-CCM8:@SECLEVEL=0",
                                        [RK_AUTH_ECDHE_PSK] = "ECDHE-PSK-AES128-CBC-SHA256:@SECLEVEL=0",
                                        [RK_AUTH_CERTIFICATE] = "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"};
    unsigned count = 0;
    for (unsigned i = 0; always[i] != NULL; i++) {
        argv[count++] = always[i];
    }
    argv[count++] = suite[request->auth];
    argv[count++] = version[request->protocol];
    argv[count++] = "-named_curve";
    argv[count++] = "P-256";
    if (rki_is_datagrams(request->protocol)) { /* else it cuts messages to fit 256 bytes */
        argv[count++] = "-mtu";
        argv[count++] = "1280";
    }
    if (request->protocol == RK_TLS13) {
        argv[count++] = "-ciphersuites";
        argv[count++] = "TLS_AES_128_CCM_8_SHA256";
    }
    if (request->protocol == RK_TLS13 && request->auth == RK_AUTH_PSK) {
        argv[count++] = "-allow_no_dhe_kex";
    }
    const char *const *more = request->auth == RK_AUTH_CERTIFICATE ? certificate : psk;
    for (unsigned i = 0; more[i] != NULL; i++) {
        argv[count++] = more[i];
    }
    argv[count] = NULL;
}

static void become(const struct rki_openssl *server, const struct rk_handshake_request *request, int input, int output)
{
    const char *argv[ARGUMENTS_MAX];
    arguments(request, argv);
    if (chdir(server->folder) == 0 && dup2(input, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0) {
        execvp(argv[0], (char *const *)argv);
    }
    _exit(RK_PROGRAM_FAILED);
}

static enum rk_err launch(struct rki_openssl *server, const struct rk_handshake_request *request, struct rk_diag *diag)
{
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0) {
        return rk_fail(diag, RK_ERR_IO, "a pipe to openssl: %s", strerror(errno));
    }
    if (pipe2(output, O_CLOEXEC) != 0) {
        close(input[0]);
        close(input[1]);
        return rk_fail(diag, RK_ERR_IO, "a pipe from openssl: %s", strerror(errno));
    }
    server->to = input[1];
    server->from = output[0];
    server->process = fork();
    if (server->process == 0) {
        become(server, request, input[0], output[1]);
    }
    close(input[0]);
    close(output[1]);
    return server->process > 0 ? RK_OK : rk_fail(diag, RK_ERR_IO, "openssl: %s", strerror(errno));
}

static enum rk_err connect_to(struct rki_openssl *server, struct rk_diag *diag)
{
    const char *said = wait_for(server, "ACCEPT 127.0.0.1:");
    const char *end = said != NULL ? wait_for(server, "\n") : NULL;
    unsigned port = 0;
    if (end == NULL || sscanf(said, "ACCEPT 127.0.0.1:%u", &port) != 1) {
        return rk_fail(diag, RK_ERR_IO, "openssl s_server does not listen: %.300s", last_words(server));
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->socket = socket(AF_INET, (server->datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (server->socket < 0 || connect(server->socket, (struct sockaddr *)&address, sizeof address) != 0) {
        return rk_fail(diag, RK_ERR_IO, "127.0.0.1:%u: %s", port, strerror(errno));
    }
    return RK_OK;
}

enum rk_err rki_openssl_start(struct rki_openssl **started, const struct rk_handshake_request *request,
                              char version[48], struct rk_diag *diag)
{
    static const char *const ask[] = {"openssl", "version", NULL};
    *started = NULL;
    if (rk_program_run(ask, (struct rk_program_text){version, 48}, (struct rk_program_text){NULL, 0}) != 0) {
        return rk_fail(diag, RK_ERR_MISSING, "openssl is missing: apt-get install openssl");
    }
    version[strcspn(version, "(\n")] = '\0';
    struct rki_openssl *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return rk_fail(diag, RK_ERR_MEMORY, "no memory for a peer");
    }
    *server =
        (struct rki_openssl){.socket = -1, .to = -1, .from = -1, .datagrams = rki_is_datagrams(request->protocol)};
    snprintf(server->folder, sizeof server->folder, "/tmp/rekeylab-handshake.XXXXXX");
    enum rk_err err = RK_OK;
    if (mkdtemp(server->folder) == NULL ||
        !store(server->folder, "server.der", rk_test_server, sizeof rk_test_server) ||
        !store(server->folder, "server.key.der", rk_test_server_key, sizeof rk_test_server_key) ||
        !store(server->folder, "authority.der", rk_test_authority, sizeof rk_test_authority)) {
        err = rk_fail(diag, RK_ERR_IO, "%s: %s", server->folder, strerror(errno));
    }
    err = err ? err : launch(server, request, diag);
    err = err ? err : connect_to(server, diag);
    if (err) {
        rki_openssl_stop(server);
        return err;
    }
    *started = server;
    return RK_OK;
}

enum rk_err rki_openssl_send(struct rki_openssl *server, const struct rki_message *message, struct rk_diag *diag)
{
    ssize_t sent = send(server->socket, message->data, message->bytes, MSG_NOSIGNAL);
    return sent == message->bytes ? RK_OK : rk_fail(diag, RK_ERR_IO, "to openssl: %s", strerror(errno));
}

/* Equal but for the numbers of records. */
static bool is_again(const struct rki_message *a, const uint8_t *data, size_t bytes)
{
    if (a->bytes != bytes) {
        return false;
    }
    for (size_t at = 0; at + 13 <= bytes;) {
        size_t length = 13 + ((size_t)data[at + 11] << 8 | data[at + 12]);
        length = length <= bytes - at ? length : bytes - at;
        if (memcmp(a->data + at, data + at, 5) != 0 || memcmp(a->data + at + 11, data + at + 11, length - 11) != 0) {
            return false;
        }
        at += length;
    }
    return true;
}

/* The end of the last handshake message in the clear; 0 when the datagram holds something else, too. */
static uint64_t reaches(const uint8_t *data, size_t bytes)
{
    enum { RECORD = 13, HEADER = 12, HANDSHAKE = 22 };
    uint64_t end = 0;
    for (size_t at = 0; at + RECORD + HEADER <= bytes;) {
        const uint8_t *message = data + at + RECORD;
        if (data[at] != HANDSHAKE || data[at + 3] != 0 || data[at + 4] != 0) {
            return 0;
        }
        uint64_t number = (uint64_t)(message[4] << 8 | message[5]) + 1;
        uint64_t offset = (uint64_t)message[6] << 16 | (uint64_t)message[7] << 8 | message[8];
        uint64_t length = (uint64_t)message[9] << 16 | (uint64_t)message[10] << 8 | message[11];
        end = number << 32 | (offset + length);
        at += RECORD + ((size_t)data[at + 11] << 8 | data[at + 12]);
    }
    return end;
}

/* Sent again, because an emulated client takes longer than the server's timer: it would see it as lost. After a while
 * the server sends shorter datagrams, so that the messages decide. */
static bool came_before(struct rki_openssl *server, const uint8_t *data, size_t bytes)
{
    uint64_t end = reaches(data, bytes);
    bool before = end != 0 && end <= server->reached;
    for (unsigned i = 0; i < server->seen.count && !before; i++) {
        before = is_again(&server->seen.message[i], data, bytes);
    }
    server->reached = end > server->reached ? end : server->reached;
    return before;
}

enum rk_err rki_openssl_receive(struct rki_openssl *server, struct rki_messages *messages, struct rk_diag *diag)
{
    for (;;) {
        struct pollfd waits = {.fd = server->socket, .events = POLLIN};
        uint8_t *to = server->stream + server->stream_bytes;
        ssize_t got = poll(&waits, 1, WAIT_ms) == 1
                          ? recv(server->socket, to, sizeof server->stream - server->stream_bytes, 0)
                          : 0;
        if (got <= 0) {
            while (listen_more(server)) {
            }
            return rk_fail(diag, RK_ERR_CHECK, "openssl sends no more: %.300s", last_words(server));
        }
        if (server->datagrams) {
            if (came_before(server, to, (size_t)got)) {
                continue;
            }
            bool room = rki_messages_add(&server->seen, to, (size_t)got) && rki_messages_add(messages, to, (size_t)got);
            return room ? RK_OK : rk_fail(diag, RK_ERR_IO, "openssl sends more than there is room for");
        }
        server->stream_bytes += (size_t)got;
        size_t whole = rki_messages_add_records(messages, server->stream, server->stream_bytes);
        server->stream_bytes -= whole;
        memmove(server->stream, server->stream + whole, server->stream_bytes);
        if (whole > 0) {
            return RK_OK;
        }
    }
}

enum rk_err rki_openssl_talk(struct rki_openssl *server, const char *text, const char *answer, struct rk_diag *diag)
{
    if (wait_for(server, text) == NULL) {
        return rk_fail(diag, RK_ERR_CHECK, "openssl did not get the client's text: %.300s", last_words(server));
    }
    size_t bytes = strlen(answer);
    return write(server->to, answer, bytes) == (ssize_t)bytes
               ? RK_OK
               : rk_fail(diag, RK_ERR_IO, "to openssl: %s", strerror(errno));
}

void rki_openssl_stop(struct rki_openssl *server)
{
    static const char *const names[] = {"server.der", "server.key.der", "authority.der"};
    if (server == NULL) {
        return;
    }
    if (server->process > 0) {
        kill(server->process, SIGKILL);
        waitpid(server->process, NULL, 0);
    }
    const int open[] = {server->socket, server->to, server->from};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (open[i] >= 0) {
            close(open[i]);
        }
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", server->folder, names[i]);
        unlink(path);
    }
    rmdir(server->folder);
    free(server);
}
