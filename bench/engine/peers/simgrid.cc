// SimGrid's timers behind peer.h: its heap of timers, driven by the clock of an engine with one idle actor.
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include <vector>

#include "bench/engine/peers/peer.h"

namespace
{

using simgrid::kernel::timer::Timer;

const char *const names[] = {"timers", nullptr};

unsigned firstKind, kindCount;
std::vector<Timer *> handle;
rk_peer_fire *fire;
void *context;
simgrid::s4u::Engine *engine;

// Its clock is a double, which holds whole nanoseconds exactly up to 2^53, 104 days.
double Now()
{
    return simgrid::s4u::Engine::get_clock();
}

size_t Slot(uint32_t device, unsigned kind)
{
    return static_cast<size_t>(device) * kindCount + kind - firstKind;
}

void Begin(unsigned, uint32_t devices, unsigned first, unsigned kinds, rk_peer_fire *to, void *with)
{
    static char name[] = "peer", quiet[] = "--log=root.thres:error", stack[] = "--cfg=contexts/stack-size:16";
    static char *arguments[] = {name, quiet, stack, nullptr};
    static int count = 3;
    firstKind = first;
    kindCount = kinds - first;
    fire = to;
    context = with;
    engine = new simgrid::s4u::Engine(&count, arguments);
    auto *zone = simgrid::s4u::create_full_zone("zone");
    auto *host = zone->create_host("host", 1e9);
    zone->seal();
    simgrid::s4u::Actor::create("idle", host, [] { simgrid::s4u::this_actor::sleep_for(1e18); });
    handle.assign(static_cast<size_t>(devices) * kindCount, nullptr);
}

void Schedule(uint64_t atNs, uint32_t device, unsigned kind)
{
    Timer *timer = Timer::set(static_cast<double>(atNs), [device, kind] {
        if (kind >= firstKind) {
            handle[Slot(device, kind)] = nullptr;
        }
        fire(context, device, kind, static_cast<uint64_t>(Now()));
    });
    if (kind >= firstKind) {
        handle[Slot(device, kind)] = timer;
    }
}

void Cancel(uint32_t device, unsigned kind)
{
    Timer *&timer = handle[Slot(device, kind)];
    if (timer != nullptr) {
        timer->remove();
        timer = nullptr;
    }
}

void Run(uint64_t horizonNs)
{
    engine->run_until(static_cast<double>(horizonNs));
}

const rk_peer peer = {"SimGrid", SIMGRID_VERSION_TEXT, names, Begin, Schedule, Cancel, Run};

} // namespace

extern "C" const rk_peer *rk_peer_open_module()
{
    return &peer;
}
