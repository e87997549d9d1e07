// ns-3's event schedulers behind peer.h.
#include <ns3/core-module.h>

#include <vector>

#include "bench/engine/peers/peer.h"

namespace
{

struct Variant {
    const char *scheduler;
    bool removes; // Remove() takes an event out at once, Cancel() leaves it in
};

const Variant variants[] = {{"ns3::PriorityQueueScheduler", false},
                            {"ns3::MapScheduler", false},
                            {"ns3::MapScheduler", true},
                            {"ns3::HeapScheduler", false},
                            {"ns3::CalendarScheduler", false}};
const char *const names[] = {"priority queue", "map", "map, Remove", "heap", "calendar", nullptr};

const Variant *variant;
unsigned firstKind, kindCount;
std::vector<ns3::EventId> handle;
rk_peer_fire *fire;
void *context;

void Fire(uint32_t device, unsigned kind)
{
    fire(context, device, kind, static_cast<uint64_t>(ns3::Simulator::Now().GetNanoSeconds()));
}

void Begin(unsigned number, uint32_t devices, unsigned first, unsigned kinds, rk_peer_fire *to, void *with)
{
    variant = &variants[number];
    firstKind = first;
    kindCount = kinds - first;
    fire = to;
    context = with;
    handle.assign(static_cast<size_t>(devices) * kindCount, ns3::EventId());
    ns3::ObjectFactory factory;
    factory.SetTypeId(variant->scheduler);
    ns3::Simulator::SetScheduler(factory);
}

void Schedule(uint64_t atNs, uint32_t device, unsigned kind)
{
    ns3::Time delay = ns3::NanoSeconds(atNs) - ns3::Simulator::Now();
    ns3::EventId id = ns3::Simulator::Schedule(delay, &Fire, device, kind);
    if (kind >= firstKind) {
        handle[static_cast<size_t>(device) * kindCount + kind - firstKind] = id;
    }
}

void Cancel(uint32_t device, unsigned kind)
{
    ns3::EventId &id = handle[static_cast<size_t>(device) * kindCount + kind - firstKind];
    if (variant->removes) {
        ns3::Simulator::Remove(id);
    } else {
        id.Cancel();
    }
}

void Run(uint64_t horizonNs)
{
    ns3::Simulator::Stop(ns3::NanoSeconds(horizonNs));
    ns3::Simulator::Run();
}

const rk_peer peer = {"ns-3", NS3_VERSION_TEXT, names, Begin, Schedule, Cancel, Run};

} // namespace

extern "C" const rk_peer *rk_peer_open_module()
{
    return &peer;
}
