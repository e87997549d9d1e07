/* tests/protocol/vectors_edhoc.h - the two traces of RFC 9529, as hexadecimal
 *
 * Source: RFC 9529, clause 2 (method 0, suite 0, certificates by x5t) and clause 3 (method 3, suite 2, CCS by kid).
 */
#ifndef TESTS_PROTOCOL_VECTORS_EDHOC_H
#define TESTS_PROTOCOL_VECTORS_EDHOC_H

struct edhoc_trace {
    unsigned char method, suite;
    const char *suites_i; /* in order of preference */
    const char *x, *y;    /* ephemeral private keys */
    const char *c_i, *c_r;
    const char *sk_i, *pk_i, *sk_r, *pk_r;
    const char *id_cred_i, *cred_i, *id_cred_r, *cred_r;
    const char *message_1, *message_2, *message_3;
    const char *prk_out;
    const char *oscore_secret, *oscore_salt;
};

static const struct edhoc_trace TRACE_SIGNATURES = {
    .method = 0,
    .suite = 0,
    .suites_i = "00",
    .x = "892ec28e5cb6669108470539500b705e60d008d347c5817ee9f3327c8a87bb03",
    .y = "e69c23fbf81bc435942446837fe827bf206c8fa10a39db47449e5a813421e1e8",
    .c_i = "2d",
    .c_r = "18",
    .sk_i = "4c5b25878f507c6b9dae68fbd4fd3ff997533db0af00b25d324ea28e6c213bc8",
    .pk_i = "ed06a8ae61a829ba5fa54525c9d07f48dd44a302f43e0f23d8cc20b73085141e",
    .sk_r = "ef140ff900b0ab03f0c08d879cbbd4b31ea71e6e7ee7ffcb7e7955777a332799",
    .pk_r = "a1db47b95184854ad12a0c1a354e418aace33aa0f2c662c00b3ac55de92f9359",
    .id_cred_i = "a11822822e48c24ab2fd7643c79f",
    .cred_i = "58f13081ee3081a1a003020102020462319ea0300506032b6570301d311b301906035504030c124544484f4320526f6f742045"
              "643235353139301e170d3232303331363038323430305a170d3239313233313233303030305a30223120301e06035504030c17"
              "4544484f4320496e69746961746f722045643235353139302a300506032b6570032100ed06a8ae61a829ba5fa54525c9d07f48"
              "dd44a302f43e0f23d8cc20b73085141e300506032b6570034100521241d8b3a770996bcfc9b9ead4e7e0a1c0db353a3bdf2910"
              "b39275ae48b756015981850d27db6734e37f67212267dd05eeff27b9e7a813fa574b72a00b430b",
    .id_cred_r = "a11822822e4879f2a41b510c1f9b",
    .cred_r = "58f13081ee3081a1a003020102020462319ec4300506032b6570301d311b301906035504030c124544484f4320526f6f742045"
              "643235353139301e170d3232303331363038323433365a170d3239313233313233303030305a30223120301e06035504030c17"
              "4544484f4320526573706f6e6465722045643235353139302a300506032b6570032100a1db47b95184854ad12a0c1a354e418a"
              "ace33aa0f2c662c00b3ac55de92f9359300506032b6570034100b723bc01eab0928e8b2b6c98de19cc3823d46e7d6987b03247"
              "8fecfaf14537a1af14cc8be829c6b73044101837eb4abc949565d86dce51cfae52ab82c152cb02",
    .message_1 = "0000582031f82c7b5b9cbbf0f194d913cc12ef1532d328ef32632a4881a1c0701e237f042d",
    .message_2 = "5872dc88d2d51da5ed67fc4616356bc8ca74ef9ebe8b387e623a360ba480b9b29d1cbc26dd270fe9c02c44ce3934794b1cc6"
                 "2ba22f05459f8d358c8d12275ac42c5f96ded5f13cc9084e5b201889a45e5a60a5562dc118619c3daa2fd9f4c9f4d6edad1"
                 "09dd4edf95962aafbaf9ab3f4a1f6b98f",
    .message_3 = "585825c345884aaaeb22c527f9b1d2b6787207e0163c69b62a0d43928150427203c31674e4514ea6e383b566eb29763efeb0"
                 "afa518776ae1c65f856d84bf32af3a7836970466dcb71f76745d39d3025e7703e0c032ebad51947c",
    .prk_out = "b744cb7d8a87cc0447c3350e165b250dab12ec453325abb922b30307e5c368f0",
    .oscore_secret = "1e1c6beac3a8a1cac435de7e2f9ae7ff",
    .oscore_salt = "ce7ab844c0106d73",
};

static const struct edhoc_trace TRACE_STATIC = {
    .method = 3,
    .suite = 2,
    .suites_i = "0602",
    .x = "368ec1f69aeb659ba37d5a8d45b21bdc0299dceaa8ef235f3ca42ce3530f9525",
    .y = "e2f4126777205e853b437d6eaca1e1f753cdcc3e2c69fa884b0a1a640977e418",
    .c_i = "37",
    .c_r = "27",
    .sk_i = "fb13adeb6518cee5f88417660841142e830a81fe334380a953406a1305e8706b",
    .pk_i = "04ac75e9ece3e50bfc8ed60399889522405c47bf16df96660a41298cb4307f7eb6"
            "6e5de611388a4b8a8211334ac7d37ecb52a387d257e6db3c2a93df21ff3affc8",
    .sk_r = "72cc4761dbd4c78f758931aa589d348d1ef874a7e303ede2f140dcf3e6aa4aac",
    .pk_r = "04bbc34960526ea4d32e940cad2a234148ddc21791a12afbcbac93622046dd44f0"
            "4519e257236b2a0ce2023f0931f1f386ca7afda64fcde0108c224c51eabf6072",
    .id_cred_i = "a104412b",
    .cred_i = "a2027734322d35302d33312d46462d45462d33372d33322d333908a101a5010202412b2001215820ac75e9ece3e50bfc8ed603"
              "99889522405c47bf16df96660a41298cb4307f7eb62258206e5de611388a4b8a8211334ac7d37ecb52a387d257e6db3c2a93df"
              "21ff3affc8",
    .id_cred_r = "a1044132",
    .cred_r = "a2026b6578616d706c652e65647508a101a501020241322001215820bbc34960526ea4d32e940cad2a234148ddc21791a12afb"
              "cbac93622046dd44f02258204519e257236b2a0ce2023f0931f1f386ca7afda64fcde0108c224c51eabf6072",
    .message_1 = "0382060258208af6f430ebe18d34184017a9a11bf511c8dff8f834730b96c1b7c8dbca2fc3b637",
    .message_2 = "582b419701d7f00a26c2dc587a36dd752549f33763c893422c8ea0f955a13a4ff5d59862a1eef9e0e7e1886fcd",
    .message_3 = "52e562097bc417dd5919485ac7891ffd90a9fc",
    .prk_out = "2c71afc1a9338a940bb3529ca734b886f30d1aba0b4dc51beeaeabdfea9ecbf8",
    .oscore_secret = "f9868f6a3aca78a05d1485b35030b162",
    .oscore_salt = "ada24c7dbfc85eeb",
};

/* EDHOC_KeyUpdate: PRK_out, context, PRK_out after it, then OSCORE secret and salt. From the trace of clause 3 in the
 * draft of RFC 9529 (draft-ietf-lake-traces, lake-wg), whose PRK_out is another and whose derivation is the RFC's. */
static const char *const KEY_UPDATE[] = {
    "6b2dae4032306571cfbc2e4f94a255fb9f1f3fb29ca6f379fec989d4fa90dcf0",
    "a01158fdb820890cd6be169602b8bcea",
    "5e5efcaedda8d185bb7e261df191591cd9f7c92049e70c23f6b434e36dfc1d1c",
    "c91b164c810b29a63fcb73e51bc455f3",
    "73ce792459403680",
};

/* What the responder of clause 3 answers to a first message with suite 6 alone. */
static const char WRONG_SUITE_MESSAGE_1[] =
    "03065820741a13d7ba048fbb615e94386aa3b61bea5b3d8f65f32620b749bee8d278efa90e";
static const char WRONG_SUITE_ANSWER[] = "0202";

#endif
