/* tests/proof/renewal.pml - renewal between a device and its server, for SPIN
 *
 * Model:  engine/lifecycle/renew.c and store.c, mechanism left out: one key an id. The network is the set of all frames
 *         ever sent: any of them arrives at any time, again, late or never, so that loss, duplication and reordering
 *         need no queue. The device loses RAM at any write and between writes, torn writes and erasures included. Its
 *         store is an EEPROM of two places, or flash of two blocks of BLOCK_PLACES places, erased as a block (-DFLASH).
 *         The server's steps are transactions: a crash of it is a lost frame, before or after.
 *         At any time the world may become calm: then no frame is lost, and both sides must agree at once.
 * Bounds: IDS key ids asked for in the unruly time, COUNTERS messages a key, one compromise; crashes without bound.
 * Bugs:   -DBUG_..., each found by an assertion (test_spin.sh).
 */
#ifndef IDS
#define IDS 4
#endif
#ifndef COUNTERS
#define COUNTERS 3
#endif
#ifdef FLASH
#define BLOCK_PLACES 2
#else
#define BLOCK_PLACES 1
#endif
#define PLACES (2 * BLOCK_PLACES)
#ifndef BLOCK
#define BLOCK 2 /* ids and counters reserved by one commit */
#endif
#define ALL    (IDS + BLOCK * (PLACES + 1) + 3)

#define NONE 0
#define PRE 1
#define ACTIVE 2
#define DEACTIVATED 3
#define DESTROYED 4

#define BIT(set, id) (((set) >> (id)) & 1)
#define ADD(set, id) set = set | (1 << (id))
/* What is at a place; a record of a destroyed key is valid, and holds none. */
#define BLANK 0
#define WIPED 1
#define REFUSED 2
#define VALID 3

#define PROCESSES(state) (state == ACTIVE || state == DEACTIVATED)

#ifdef BUG_NO_TOMBSTONE
#define MAY_WIPE(at) true
#else
#define MAY_WIPE(at) (at != newest)
#endif

/* The network: frames ever sent, by id. */
int r1, r1_compromised, r2, r3;
byte r1_predecessor[ALL];
byte data[ALL]; /* bits: counters */

/* Device, RAM. */
byte d_previous, d_current, d_next, d_previous_state, d_current_state, d_next_state;
byte d_last, d_counter, d_id_reserved, d_send_reserved;
bit d_compromised, d_waits;
bit crashed;
/* Device, NVM: records by place. Places are taken in turn, so that `newest` stands for their sequences. */
byte n_content[PLACES], n_id[PLACES], n_state[PLACES], n_id_reserved[PLACES], n_send_reserved[PLACES];
bit n_compromised[PLACES];
byte newest;

/* Server: a database. The counters are those that it expects next. */
byte s_previous, s_current, s_next, s_previous_state, s_current_state, s_next_state;
byte s_previous_counter, s_current_counter;
byte s_last;
bit accepted; /* the last data frame was delivered */

/* What assertions look at and the parties do not. */
int destroyed; /* by the device, by id */
byte asked;      /* highest id ever asked for */
byte used[ALL];  /* counters of the key below this were used */
bit had_key, unruly = 1, compromise_left = 1;

inline crash_here() {
    if
    :: !crashed && unruly && d_last <= IDS -> crashed = 1
    :: true
    fi
}

inline place_clear(number) {
    n_id[number] = 0;
    n_state[number] = NONE;
    n_id_reserved[number] = 0;
    n_send_reserved[number] = 0;
    n_compromised[number] = 0
}

/* In between the place is neither. */
inline place_set(number, content) {
    n_content[number] = REFUSED;
    place_clear(number);
    crash_here();
    if
    :: !crashed -> n_content[number] = content
    :: else
    fi
}

/* place_wipe */
inline place_wipe(number) {
    if
    :: !crashed -> place_set(number, WIPED)
    :: else
    fi
}

/* An erasure that is cut off leaves of each record what it was, nothing, or what is refused. */
inline place_erased(number) {
    if
    :: crashed -> skip
    :: crashed && n_content[number] != BLANK -> n_content[number] = REFUSED; place_clear(number)
    :: n_content[number] = BLANK; place_clear(number)
    fi
}

inline block_erase(first) {
    crash_here();
    place_erased(first);
    place_erased(first + 1)
}

/* place_take: the next place; of flash the next blank one, or the other block, erased. */
inline place_take() {
    place = newest;
    do
    :: place = (place + 1) % PLACES;
#ifdef FLASH
       if
#ifdef BUG_ONE_BLOCK
       :: place % BLOCK_PLACES == 0 ->
            place = 0;
#else
       :: place % BLOCK_PLACES == 0 ->
#endif
            block_erase(place);
            break
       :: else ->
            if
            :: n_content[place] == BLANK -> break
            :: else
            fi
       fi
#else
       break
#endif
    od
}

/* rki_store_commit: key `id` as being in `state`. */
inline commit(id, state, send_reserve) {
    if
    :: crashed
    :: else ->
#ifdef BUG_IN_PLACE
        place = newest;
#else
        place_take();
#endif
        if
        :: !crashed -> place_set(place, REFUSED)
        :: else
        fi;
        if
        :: crashed
        :: else ->
            n_id[place] = id;
            n_state[place] = state;
#ifdef BUG_NO_ID_RESERVE
            d_id_reserved = d_last;
#else
            d_id_reserved = d_last + BLOCK;
#endif
            n_id_reserved[place] = d_id_reserved;
            n_send_reserved[place] = send_reserve;
            n_compromised[place] = d_compromised;
            n_content[place] = VALID;
            newest = place;
            crash_here()
        fi
    fi
}

/* rki_key_destroy with rki_store_forget. */
inline destroy(id, state) {
    if
    :: crashed || state == NONE || state == DESTROYED
    :: else ->
#ifndef BUG_NOT_FORGOTTEN
#ifndef BUG_NO_TOMBSTONE
        if
        :: n_content[newest] == VALID && n_id[newest] == id -> commit(id, DESTROYED, 0)
        :: else
        fi;
#endif
        at = 0;
        do
        :: at < PLACES ->
            if
            :: MAY_WIPE(at) && n_content[at] == VALID && n_id[at] == id -> place_wipe(at)
            :: else
            fi;
            at++
        :: else -> break
        od;
#endif
        if
        :: crashed
        :: else ->
            state = DESTROYED;
            ADD(destroyed, id)
        fi
    fi
}

inline drop_next() {
    d_waits = 0;
    destroy(d_next, d_next_state)
}

/* rki_renewal_start with id_take; the network keeps R1. */
inline ask() {
    if
    :: d_last >= d_id_reserved -> commit(d_current, d_current_state, d_send_reserved)
    :: else
    fi;
    if
    :: crashed
    :: else ->
        d_last++;
        assert(d_last > asked); /* no id is asked for twice */
        asked = d_last;
        d_next = d_last;
        d_next_state = PRE;
        d_waits = 1;
        ADD(r1, d_next);
        r1_predecessor[d_next] = d_current;
        if
        :: d_compromised -> ADD(r1_compromised, d_next)
        :: else
        fi
    fi
}

/* rki_key_activate at the device. */
inline device_activate() {
    /* the new key's record has its own flag and reserve */
    was_compromised = d_compromised;
    d_compromised = 0;
    commit(d_next, ACTIVE, BLOCK);
    d_compromised = was_compromised;
    destroy(d_previous, d_previous_state);
    if
    :: crashed
    :: else ->
#ifndef BUG_NOT_RETIRED
        if
        :: d_current_state == ACTIVE -> d_current_state = DEACTIVATED
        :: else
        fi;
#endif
        d_next_state = ACTIVE;
        assert(d_current_state != ACTIVE && d_previous_state != ACTIVE); /* never two active */
        d_previous = d_current;
        d_previous_state = d_current_state;
        d_current = d_next;
        d_current_state = ACTIVE;
        d_next = 0;
        d_next_state = NONE;
        d_waits = 0;
        d_compromised = 0;
        d_counter = 0;
        d_send_reserved = BLOCK;
        had_key = 1
    fi
}

/* receive_answer: durable before R3 leaves. */
inline device_receives_r2(id) {
    if
    :: d_waits && id == d_next ->
#ifdef BUG_R3_FIRST
        ADD(r3, id);
#endif
        device_activate();
        if
        :: !crashed -> ADD(r3, id)
        :: else
        fi
    :: else
    fi
}

inline device_sends() {
    if
    :: d_counter >= d_send_reserved ->
#ifdef BUG_NO_COUNTER_RESERVE
        d_send_reserved = d_counter + BLOCK
#else
        commit(d_current, d_current_state, d_counter + BLOCK);
        if
        :: !crashed -> d_send_reserved = d_counter + BLOCK
        :: else
        fi
#endif
    :: else
    fi;
    if
    :: crashed
    :: else ->
        assert(d_counter >= used[d_current]); /* no nonce twice */
        used[d_current] = d_counter + 1;
        data[d_current] = data[d_current] | (1 << d_counter);
        d_counter++
    fi
}

/* rki_store_restore after the loss of RAM. */
inline restart() {
    crashed = 0;
    d_previous = 0; d_previous_state = NONE;
    d_next = 0; d_next_state = NONE;
    d_waits = 0;
    d_current = 0; d_current_state = NONE;
    d_counter = 0; d_send_reserved = 0; d_id_reserved = 0; d_last = 0; d_compromised = 0;
    /* The newest that can be read. */
    place = newest;
    do
    :: n_content[place] == VALID -> break
    :: else ->
        place = (place + PLACES - 1) % PLACES;
        if
        :: place == newest -> break
        :: else
        fi
    od;
    newest = (n_content[place] == VALID -> place : PLACES - 1);
    if
    :: n_content[place] == VALID ->
        d_current = n_id[place];
        d_current_state = n_state[place];
        d_compromised = n_compromised[place];
#ifdef BUG_COUNTER_FROM_ZERO
        d_send_reserved = 0;
#else
        d_send_reserved = n_send_reserved[place];
#endif
        d_id_reserved = n_id_reserved[place];
        /* Each refused record may have reserved one block more. */
        refused = 0;
        at = 0;
        do
        :: at < PLACES -> refused = refused + (n_content[at] == REFUSED); at++
        :: else -> break
        od;
        d_send_reserved = d_send_reserved + refused * BLOCK;
        d_id_reserved = d_id_reserved + refused * BLOCK;
        d_counter = d_send_reserved;
        d_last = d_id_reserved;
        if
        :: refused > 0 -> commit(d_current, d_current_state, d_send_reserved)
        :: else
        fi
    :: else -> assert(!had_key) /* never none */
    fi;
    /* What is not the newest, and of another key or of none, is wiped. */
    at = 0;
    do
    :: at < PLACES && !crashed ->
        if
        :: n_content[at] == REFUSED -> place_wipe(at)
        :: at != newest && n_content[at] == VALID && n_state[at] != DESTROYED && n_state[at] != NONE &&
           (n_id[at] != d_current || d_current_state == DESTROYED) ->
            wiped = n_id[at];
            place_wipe(at);
            if
            :: !crashed && wiped != 0 -> ADD(destroyed, wiped)
            :: else
            fi
        :: else
        fi;
        at++
    :: else -> break
    od;
    at = 0; place = 0; refused = 0; wiped = 0;
    /* the old key or the new one, unless it was destroyed on purpose; and none comes back */
    assert(!had_key || (d_current_state != NONE && (d_current_state != DESTROYED || !compromise_left)));
    assert(d_current == 0 || d_current_state == DESTROYED || d_current_state == NONE || !BIT(destroyed, d_current))
}

/* rki_key_activate at the server. */
inline server_activate() {
    if
    :: s_current_state == ACTIVE -> s_current_state = DEACTIVATED
    :: else
    fi;
    assert(s_previous_state != ACTIVE); /* never two active */
    s_previous = s_current;
    s_previous_state = s_current_state;
    s_previous_counter = s_current_counter;
    s_current = s_next;
    s_current_state = ACTIVE;
    s_current_counter = 0;
    s_next = 0;
    s_next_state = NONE
}

/* receive_request with settle. */
inline server_receives_r1(id) {
    if
#ifdef BUG_OLD_REQUEST
    :: id != s_last ->
#else
    :: id > s_last ->
#endif
        s_last = id;
        if
        :: s_next_state == PRE && s_next == r1_predecessor[id] ->
            if
            :: !BIT(r1_compromised, id) -> server_activate()
            :: else ->
                s_next_state = DESTROYED;
                if
                :: s_current_state == ACTIVE -> s_current_state = DEACTIVATED
                :: else
                fi
            fi
        :: else ->
            if
            :: BIT(r1_compromised, id) && s_current == r1_predecessor[id] -> s_current_state = DESTROYED
            :: else
            fi
        fi;
        s_next = id;
        s_next_state = PRE;
        ADD(r2, id);
#ifdef BUG_SERVER_FIRST
        server_activate()
#endif
    :: else
    fi
}

inline server_receives_r3(id) {
    if
    :: s_next_state == PRE && s_next == id -> server_activate()
    :: else
    fi
}

/* receive_data: a frame under the key in pre-activation confirms it. */
inline server_receives_data(id, counter) {
    accepted = 0;
    if
    :: s_next_state == PRE && s_next == id -> server_activate()
    :: else
    fi;
    if
    :: s_current == id && PROCESSES(s_current_state) && counter >= s_current_counter ->
        s_current_counter = counter + 1;
        accepted = 1
    :: s_previous == id && PROCESSES(s_previous_state) && counter >= s_previous_counter && s_current != id ->
        s_previous_counter = counter + 1;
        accepted = 1
    :: else
    fi
}

/* No frame is lost any more: what the device protects is accepted, and a renewal ends with one key on both sides. */
inline calm() {
    unruly = 0;
    if
    :: d_current_state == ACTIVE ->
        counter = d_counter;
        device_sends();
        server_receives_data(d_current, counter);
        assert(accepted)
    :: else
    fi;
    drop_next();
    ask();
    server_receives_r1(d_next);
    assert(BIT(r2, d_next));
    device_receives_r2(d_next);
    server_receives_r3(d_current);
    assert(d_current_state == ACTIVE && s_current_state == ACTIVE && d_current == s_current && d_current == asked);
    device_sends();
    server_receives_data(d_current, 0);
    assert(accepted)
}

active proctype world() {
    byte id, counter, place, at, refused, wiped;
    bit was_compromised;
    do
    :: atomic { /* the device asks, or gives up and asks again */
        !crashed && asked < IDS && d_last < IDS ->
        drop_next();
        if
        :: !crashed -> ask()
        :: else
        fi
       }
    :: atomic {
        !crashed && d_waits && BIT(r2, d_next) ->
        device_receives_r2(d_next)
       }
    :: atomic {
        !crashed && d_current_state == ACTIVE && d_counter < COUNTERS ->
        device_sends()
       }
    :: atomic { /* the overlap ends */
        !crashed && PROCESSES(d_previous_state) ->
        destroy(d_previous, d_previous_state)
       }
    :: atomic { /* the key is compromised; its successor is asked for by the first branch */
        !crashed && d_current_state == ACTIVE && compromise_left ->
        compromise_left = 0;
        d_compromised = 1;
        destroy(d_current, d_current_state);
        if
        :: !crashed -> drop_next()
        :: else
        fi
       }
    :: atomic { !crashed && d_last <= IDS -> crashed = 1 }
    :: atomic { crashed -> restart() } /* a step of its own: cut again and again, it comes back to states seen */
    :: atomic {
        select(id : 1 .. IDS);
        if
        :: BIT(r1, id) -> server_receives_r1(id)
        :: else
        fi;
        id = 0
       }
    :: atomic { s_next_state == PRE && BIT(r3, s_next) -> server_receives_r3(s_next) }
    :: atomic {
        select(id : 1 .. IDS);
        select(counter : 0 .. COUNTERS - 1);
        if
        :: (data[id] >> counter) & 1 -> server_receives_data(id, counter)
        :: else
        fi;
        id = 0;
        counter = 0;
        accepted = 0
       }
    :: atomic { PROCESSES(s_previous_state) -> s_previous_state = DESTROYED }
    :: atomic { !crashed -> calm(); break }
    od
}
