/* The 28 requirements: what never changes about them. */
#include "bench/audit/audit.h"

const struct rk_requirement rk_requirement[RK_REQUIREMENTS] = {
    {"R1", "Random numbers come from a generator of SP 800-90A", "paper III.B generation; SP 800-90A Rev. 1, 9 and 10",
     "Every random number that a key, a nonce or a key pair is made from must come from a deterministic random "
     "bit generator of SP 800-90A, seeded before its first use and asked no more often than its reseed interval "
     "permits. The audit follows each key of the run back to the generator's outputs, looks for outputs that "
     "repeat, draws twice from one seed to see that key pairs follow from the generator alone, and takes the "
     "generator's known answers from the device's cost rows. It does not judge the entropy source's physics."},
    {"R2", "Whatever uses the generator seeds it properly", "paper III.B generation; SP 800-90A 8.6, SP 800-90B 4",
     "A sound generator with a bad seed makes the same keys on every device. The audit starts devices of one "
     "fleet and compares all that they draw first, looks for a draw before the generator was seeded, restarts a "
     "device and compares again, and makes seeding fail: then no frame may leave and no key may be made."},
    {"R3", "Signature key pairs are those of ISO/IEC 14888-3",
     "paper III.B generation; ISO/IEC 14888-3, FIPS 186-5 A.2",
     "Key pairs for signatures have a private key within the group's order, a public key that belongs to it, and "
     "never use a per-signature number twice. Where the library makes such pairs the audit makes some and tries "
     "them: range, pairwise consistency, a changed message, repeated values of r. The protocol under study "
     "authenticates by a shared key, so that the pairs judged are those a device would be provisioned with."},
    {"R4", "Key-agreement key pairs are those of ISO/IEC 11770-3",
     "paper III.B generation (which names 11770-2, symmetric; 11770-3 is meant); SP 800-56A Rev. 3, 5.6",
     "A key pair for agreement is used once, belongs together, and the peer's public key is validated at each "
     "use. The audit compares all public values of the run, counts uses of each private key, and offers the "
     "library and the device public values that are off the curve, of small order, or zero."},
    {"R5", "Keys are derived by SP 800-108 or SP 800-132, whichever is safer",
     "paper III.B generation; SP 800-108 Rev. 1, SP 800-56C Rev. 2, SP 800-132",
     "A key is derived from a secret by a derivation function with a label and context of its own, never taken "
     "raw and never from a password where a strong secret exists. The audit checks the function of each "
     "derivation, that no two keys share secret, label and context, that no shared secret is used as a key, and "
     "that outputs change when the context does. The two-step derivation of SP 800-56C, an HMAC-based one like "
     "those of SP 800-108, is what the protocol uses for secrets from an agreement and from a master key."},
    {"R6", "The choice of derivation has a stated basis", "paper III.B generation; SP 800-57 Part 1 Rev. 5, 5.6",
     "The strength of a key is that of the weakest link of what it was made from. The audit walks the graph from "
     "every traffic key of the run to its origins, takes the least strength on the way, and compares with what "
     "the study's date demands; and it reads whether the study gives a reason beside its choice of mechanism and "
     "suite."},
    {"R7", "Keys are shared by the safest feasible method", "paper III.B sharing; SP 800-56A, 56B, ISO/IEC 11770",
     "Of the mechanisms that fit the device and its library, the one chosen should be the safest: a fresh key "
     "that neither the old key nor a long-term one opens. The audit asks for every mechanism whether it fits, by "
     "its cost rows, and ranks them by forward secrecy and by healing after a leak. It also looks for bytes of "
     "any secret in all frames."},
    {"R8", "Agreement follows SP 800-56A or 56B", "paper III.B sharing; SP 800-56A Rev. 3, 6.1.2.2 and 5.9",
     "An agreement by discrete logarithms needs validated public keys, a derivation that binds the parties, "
     "confirmation, and the shared secret gone at once. The audit follows every shared secret of the run: it may "
     "only enter a derivation, and must be overwritten before the step ends; no key of it becomes active before a "
     "tag under it was checked."},
    {"R9", "Keys are distributed by the mechanisms of ISO/IEC 11770-2 or -3",
     "paper III.B sharing; ISO/IEC 11770-2 and 11770-3",
     "A distribution mechanism authenticates its peer and proves that the key is fresh. The audit sends every "
     "frame of the run a second time, at once and after the next renewal, sends frames back to who sent them, and "
     "sends those of another pair: none may deliver a text or move a key."},
    {"R10", "A key that has not expired, and its parameters, stay available",
     "paper III.B storage; SP 800-57 Part 1 Rev. 5, 8.2.2",
     "An active key, its counters and its periods must survive a restart. The audit restarts the device at "
     "moments of the story and in a drill of its own, sends at once, and looks through all seals of all starts "
     "for a pair of key and nonce that was used for two different texts."},
    {"R11", "Keys are in a backup device too", "paper III.B storage; SP 800-57 Part 1 Rev. 5, 8.2.2.1, tables 7 and 8",
     "Keys that may be backed up are, sealed; keys that may not be - private signature keys, ephemeral keys, the "
     "state of a generator, shared secrets - never leave. (The paper asks for a backup of every unexpired key; SP "
     "800-57 forbids it for these types, which is the reading here.) The audit asks for a backup and searches "
     "what leaves the device."},
    {"R12", "Stored keys are protected as ISO/IEC 19790 asks", "paper III.B storage; ISO/IEC 19790 7.9, SP 800-38F",
     "What is stored outside the module's boundary is sealed, with integrity, under a key that only this device "
     "has. The audit searches the NVM after every write for 8 bytes of any secret of the run, tries another "
     "device's record, and compares the storage keys of two devices. Memory on the chip is judged under R18."},
    {"R13", "The backup device may be a hardware module",
     "paper III.B storage; ISO/IEC 19790, SP 800-57 Part 1 Rev. 5, 8.2.2",
     "Where the backup device is a hardware security module, keys go in and never come out in the clear. The "
     "audit puts a backup into the modelled module, asks it for all that its interface gives, and searches the "
     "answers."},
    {"R14", "Key data that is lost or altered is restored",
     "paper III.B storage; SP 800-57 Part 1 Rev. 5, 8.2.2, SP 800-130 6.8",
     "A key record that was changed must be noticed and never used, and the pair must agree again without a "
     "person. The audit flips single bits all over the stored records, erases them, exchanges them for older "
     "ones, restarts the device each time, and then sends."},
    {"R15", "The system can back up and restore what must be restored",
     "paper III.B storage; SP 800-57 Part 1 Rev. 5, 5.3.5 and 8.3.1",
     "Data protected before a loss must still be readable in its recipient-usage period. The audit protects data, "
     "loses the device's memory and store, restores from the backup and has the device process that data."},
    {"R16", "Access to keys is controlled", "paper III.B use; SP 800-130 6.7, ISO/IEC 19790 7.4",
     "A key is used only by who may, for what it is for, in a state that permits it; what is not allowed is "
     "refused. The audit asks for each event as each subject, on both parties, and compares what is answered with "
     "what the module's own matrix says; and looks for keys that two different purposes used."},
    {"R17", "Keys are destroyed at once when they are no longer needed",
     "paper III.B destruction; SP 800-57 Part 1 Rev. 5, 8.3.4",
     "The time between the last need of a key and its end is bounded, and the end is an act: memory is "
     "overwritten. The audit takes the latency of every destruction in the run and looks at the key's place in "
     "memory when its record says destroyed."},
    {"R18", "Intermediate values and buffers are destroyed too",
     "paper III.B destruction; SP 800-57 Part 1 Rev. 5, 8.3.4, ISO/IEC 19790 7.9.7",
     "What was used to make or use a key - shared secrets, derived blocks, schedules, buffers - goes as well. The "
     "audit searches the parties' memory, and where the emulated device was scanned its registers, stack, RAM and "
     "NVM, for bytes of secrets that no longer live."},
    {"R19", "All copies are destroyed", "paper III.B destruction; SP 800-57 Part 1 Rev. 5, 8.3.4",
     "A key has copies: at the peer, in non-volatile memory, in its older record, in a backup. The audit follows "
     "a key to its end on both sides and searches every place for it."},
    {"R20", "Nothing can be read after destruction", "paper III.B destruction (note); SP 800-88 Rev. 1, 2.5",
     "Marking a key as gone leaves its bytes. The audit reads the non-volatile memory bit by bit after the end of "
     "life, and after each key's destruction, by the rules of its technology: EEPROM by reading back, flash by "
     "erased blocks."},
    {"R21", "There is a procedure to renew an expired key",
     "paper III.B renewal; SP 800-57 Part 1 Rev. 5, 5.3 and 8.2.3",
     "Each key with an end has a successor before that end. The audit runs the policy over several keys, with "
     "loss, and looks for a time without a key, for use after the originator-usage period, and for keys without "
     "an end."},
    {"R22", "Renewal follows the generation procedure", "paper III.B renewal",
     "A renewed key is made with the same care as the first one. The audit judges the renewals of the run by R1 "
     "to R9 and compares the calls that made the first key with those that made its successors."},
    {"R23", "A new key has no association with the old one", "paper III.B renewal; SP 800-57 Part 1 Rev. 5, 8.2.3",
     "The new key must not follow from the old one. The audit takes the derivation graph of the run, gives each "
     "renewal a class (A0 fresh transport, A1 fresh agreement: no association; A2 master key and nonces, A3 old "
     "key and nonces, A4 old key, A5 master key and counter: associated), and then tries: with the old key, the "
     "long-term keys that the class gives away and all frames, can the new key be computed? Strictly, only A0 and "
     "A1 pass."},
    {"R24", "Only an active key protects; a deactivated one only processes", "paper III.A; SP 800-57 Part 1 Rev. 5, 7",
     "The state of a key decides what it may do. The audit watches every call of the run: a seal needs an active "
     "key, an open an active, suspended or deactivated one, before activation only confirmation is allowed, and "
     "after destruction nothing; and every change of state must be an edge of the standard's table."},
    {"R25", "A destroyed key is unusable, its attributes may stay", "paper III.A; SP 800-57 Part 1 Rev. 5, 7.6 and 8.4",
     "After destruction the key answers nothing, and the record of what happened to it is complete. The audit "
     "sends frames of destroyed keys, and follows the records of each key from its beginning to its end."},
    {"R26", "Technique and policy fit the device", "paper IV.A; the device's budgets",
     "Memory, time, energy and wear must fit. The audit takes the measured rows of all that the policy calls on "
     "this device: flash, RAM and stack against what is there, an exchange's time against its retry time, and the "
     "wear of non-volatile memory against its endurance over the study's horizon."},
    {"R27", "Technique and policy fit the data, the service and the platform", "paper IV.B and IV.C",
     "What the service sends must be protected, by algorithms that are approved at the study's date, within the "
     "limits of the algorithm. The audit looks for the text of messages in frames, and compares suite, tag and "
     "traffic with the limits for the suite and the status of each algorithm at that date, and with what the study's "
     "service needs; what its platform does not allow was refused before."},
    {"R28", "The whole cycle is documented",
     "paper table 3, full cycle; SP 800-57 Part 1 Rev. 5, table 1, Part 2, SP 800-130",
     "Every key in the system has a type, a period, an owner and a way out. The audit lists the keys of the run "
     "and looks for their type, their cryptoperiod against the table of SP 800-57, and what happens to each after "
     "a compromise."},
};
