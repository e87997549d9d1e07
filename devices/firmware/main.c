/* devices/firmware/main.c - boots, then serves requests for ever */
#include "devices/firmware/mailbox.h"
#include "devices/firmware/payload.h"
#include "devices/firmware/inspect.h"
#include "devices/firmware/port.h"

int main(void)
{
    rk_mailbox.magic = RK_MAILBOX_MAGIC;
    for (;;) {
        RKI_KEEP_REGISTERS();
        rk_port_wait();
        rk_payload_call(&rk_mailbox);
        RKI_WIPE_STACK();
    }
}
