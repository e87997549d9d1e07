/* tests/lifecycle/fuzz_store.c - what a device makes of any image in its NVM, and of any backup
 *
 * Input:  byte 0 chooses memory, suite and what follows: records, 88 bytes each, or a backup frame.
 * Double: an AEAD that rejects only where the last byte of the tag is odd, so that bodies of any content get through.
 *         What a valid seal would never let in must still do no harm: no wild access, no illegal state that stays, and
 *         what the agent then does to its store is again a store that it can read.
 * Build:  with clang -fsanitize=fuzzer,address,undefined for a campaign; else, with RK_FUZZ_RUNNER, a program that runs
 *         the files of the folders named on its command line. tests/lifecycle/README.md says how.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/lifecycle/backup.h"
#include "engine/lifecycle/internal.h"

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static enum rk_crypto seal(const struct rk_aead_job *job)
{
    memmove(job->out, job->in, job->text_bytes);
    memset(job->tag, 0xA4, job->tag_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto open(const struct rk_aead_job *job)
{
    if ((job->tag[job->tag_bytes - 1] & 1) != 0) {
        memset(job->out, 0, job->text_bytes);
        return RK_CRYPTO_REJECTED;
    }
    memmove(job->out, job->in, job->text_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto generate(struct rk_drbg *drbg, uint8_t alg, uint8_t *out, uint16_t out_bytes)
{
    (void)drbg;
    (void)alg;
    memset(out, 0x5C, out_bytes);
    return RK_CRYPTO_OK;
}

static enum rk_crypto mac(uint8_t alg, const uint8_t *key, uint16_t key_bytes, const uint8_t *in, uint16_t in_bytes,
                          uint8_t *tag)
{
    (void)alg, (void)key, (void)key_bytes, (void)in, (void)in_bytes;
    memset(tag, 0x3D, 32);
    return RK_CRYPTO_OK;
}

static void wipe(void *memory, size_t bytes)
{
    memset(memory, 0, bytes);
}

static const struct rk_backend backend = {.capabilities = UINT64_MAX,
                                          .aead_seal = seal,
                                          .aead_open = open,
                                          .mac = mac,
                                          .drbg_generate = generate,
                                          .wipe = wipe};

/* --- NVM: as small as its kind allows, so that inputs are short and runs fast --- */

enum { BLOCK_MAX_bytes = 3 * RK_RECORD_bytes, RECORD_bytes = 88 };
static uint8_t cells[2 * BLOCK_MAX_bytes];
static uint16_t block_bytes;
static struct rk_nvm nvm;

static int nvm_read(void *context, uint32_t address, void *out, uint16_t bytes)
{
    (void)context;
    EXPECT(address + bytes <= 2u * block_bytes);
    memcpy(out, cells + address, bytes);
    return 0;
}

static int nvm_write(void *context, uint32_t address, const void *in, uint16_t bytes)
{
    const uint8_t *from = in;
    (void)context;
    EXPECT(address + bytes <= 2u * block_bytes);
    for (uint16_t i = 0; i < bytes; i++)
        cells[address + i] = nvm.erase_bytes != 0 ? cells[address + i] & from[i] : from[i];
    return 0;
}

static int nvm_erase(void *context, uint32_t address)
{
    (void)context;
    EXPECT(address == 0 || address == block_bytes);
    memset(cells + address, 0xFF, block_bytes);
    return 0;
}

/* EEPROM, flash of one record a block, flash of several. */
static void nvm_init(uint8_t kind)
{
    block_bytes = kind % 3 == 2 ? BLOCK_MAX_bytes : RK_RECORD_bytes;
    nvm = (struct rk_nvm){
        .erase_bytes = kind % 3 == 0 ? 0 : block_bytes, .erase = nvm_erase, .read = nvm_read, .write = nvm_write};
    memset(cells, 0xFF, sizeof cells);
}

static struct rk_agent agent;
static struct rk_actions actions;

/* The agent after a start, but for the entropy's tests, which are not the subject. */
static enum rk_agent_result boot(uint8_t aead)
{
    const struct rk_agent_config config = {.device_id = 7,
                                           .role = RK_ROLE_DEVICE,
                                           .aead = aead,
                                           .tag_bytes = 16,
                                           .curve = RK_ALG_X25519,
                                           .policy = {.mechanism = RK_MECHANISM_DERIVE,
                                                      .attempts = 1,
                                                      .retry_ns = 1000000000,
                                                      .overlap_ns = 1000000000,
                                                      .cryptoperiod_ns = RK_NEVER_ns}};
    const struct rk_provision keys = {.kek = {1}};
    bool found;
    uint32_t wiped_id;
    EXPECT(rk_agent_init(&agent, &config, &backend, NULL, &nvm, &keys) == RK_AGENT_OK);
    agent.started = 1;
    agent.actions = &actions;
    actions.record_count = 0;
    enum rk_agent_result result = rki_store_restore(&agent, &found, &wiped_id);
    const struct rk_key *key = &agent.key[RKI_CURRENT];
    bool worn_out = agent.store.sequence == UINT32_MAX; /* after 2^32 records: nothing is written any more */
    EXPECT(result == RK_AGENT_OK || result == RK_AGENT_ALTERED || (result == RK_AGENT_FAILED && worn_out));
    EXPECT(found || (key->state == RK_STATE_NONE && key->id == 0));
    EXPECT(key->state < RK_STATE_COUNT && key->type < RK_KEY_TYPE_END);
    EXPECT(key->protected_messages == agent.store.send_reserved);
    return result;
}

/* After one restart the store is one that the agent wrote itself, or left as it found it valid. */
static void fuzz_image(const uint8_t *data, size_t bytes, uint8_t aead)
{
    for (uint16_t at = 0; at < 2 * block_bytes && bytes > 0; at += RK_RECORD_bytes) {
        size_t take = bytes < RECORD_bytes ? bytes : RECORD_bytes;
        memcpy(cells + at, data, take);
        data += take;
        bytes -= take;
    }
    boot(aead);
    if (agent.store.sequence > UINT32_MAX - 8)
        return;
    struct rk_key key = agent.key[RKI_CURRENT];
    uint32_t sequence = agent.store.sequence;
    EXPECT(boot(aead) == RK_AGENT_OK);
    EXPECT(agent.key[RKI_CURRENT].id == key.id && agent.key[RKI_CURRENT].state == key.state);
    EXPECT(agent.store.sequence <= sequence || agent.key[RKI_CURRENT].id == 0);
    for (int i = 0; i < 3; i++)
        EXPECT(rki_store_reserve(&agent, &agent.key[RKI_CURRENT], (enum rk_key_state)key.state) == 0);
    rki_key_age(&agent);
    EXPECT(boot(aead) == RK_AGENT_OK);
    rki_store_wipe(&agent);
    EXPECT(boot(aead) == RK_AGENT_OK && agent.key[RKI_CURRENT].state == RK_STATE_NONE);
}

static void fuzz_backup(const uint8_t *data, size_t bytes, uint8_t aead)
{
    boot(aead);
    struct rk_key before = agent.key[RKI_CURRENT];
    enum rk_agent_result result = rki_restore(&agent, data, (uint16_t)bytes);
    const struct rk_key *key = &agent.key[RKI_CURRENT];
    if (result != RK_AGENT_OK) {
        EXPECT(memcmp(&before, key, sizeof before) == 0);
        return;
    }
    EXPECT(key->state == RK_STATE_DEACTIVATED || key->state == RK_STATE_DESTROYED);
    EXPECT(key->id != 0 && key->id > before.id && rk_key_type_backup_permitted(key->type));
    EXPECT(rk_agent_active(&agent) == NULL);
    EXPECT(rki_restore(&agent, data, (uint16_t)bytes) == RK_AGENT_STALE);
    uint32_t id = key->id;
    uint8_t state = key->state;
    EXPECT(boot(aead) == RK_AGENT_OK && agent.key[RKI_CURRENT].id == id && agent.key[RKI_CURRENT].state == state);
    EXPECT(agent.key[RKI_CURRENT].protected_messages == RK_KEY_MESSAGES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t mode = data[0];
    uint8_t aead = (mode & 4) != 0 ? RK_ALG_CHACHA20_POLY1305 : RK_ALG_AES_CCM;
    nvm_init(mode & 3);
    if ((mode & 8) == 0)
        fuzz_image(data + 1, size - 1, aead);
    else if (size - 1 <= UINT16_MAX)
        fuzz_backup(data + 1, size - 1, aead);
    return 0;
}

#ifdef RK_FUZZ_RUNNER
#include <dirent.h>

static unsigned run_file(const char *folder, const char *name)
{
    char path[1024];
    static uint8_t data[1 << 16];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    size_t bytes = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, bytes);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            fprintf(stderr, "%s: cannot be read, expected a folder of inputs\n", argv[i]);
            return 2;
        }
        for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
            if (entry->d_name[0] != '.')
                files += run_file(argv[i], entry->d_name);
        closedir(folder);
    }
    printf("%u inputs\n", files);
    return files > 0 ? 0 : 1;
}
#endif
