#include "cli/test/simulation/plan_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace raftkv::simulation {

namespace {

using Json = nlohmann::ordered_json;

// --- writing

Json limits_to_json(const Limits& limits) {
    return {{"segment_bytes", limits.segment_bytes},
            {"large_batch_bytes", limits.large_batch_bytes},
            {"max_append_bytes", limits.max_append_bytes},
            {"max_inflight_bytes", limits.max_inflight_bytes},
            {"max_inflight_messages", limits.max_inflight_messages},
            {"max_uncommitted_bytes", limits.max_uncommitted_bytes},
            {"log_cache_bytes", limits.log_cache_bytes},
            {"max_pending_bytes", limits.max_pending_bytes},
            {"snapshot_log_bytes", limits.snapshot_log_bytes},
            {"snapshot_read_bytes", limits.snapshot_read_bytes},
            {"snapshot_chunk_bytes", limits.snapshot_chunk_bytes},
            {"snapshot_window_bytes", limits.snapshot_window_bytes},
            {"hold_ms", limits.hold_ms}};
}

Json pace_to_json(const Pace& pace) {
    return {{"message", pace.message},
            {"message_jitter", pace.message_jitter},
            {"sync", pace.sync},
            {"sync_jitter", pace.sync_jitter},
            {"turn", pace.turn}};
}

Json fault_to_json(const Fault& fault) {
    return {{"at", fault.at},     {"fault", name_of(fault.kind)}, {"lasts", fault.lasts},
            {"node", fault.node}, {"other", fault.other},         {"amount", fault.amount}};
}

Json operation_to_json(const Operation& operation) {
    return {{"at", operation.at},
            {"client", operation.client},
            {"op", protocol::name_of(operation.op)},
            {"key", operation.key},
            {"exptime", operation.exptime_s},
            {"bytes", operation.value_bytes},
            {"guess", operation.guess},
            {"patience", operation.patience},
            {"node", operation.node}};
}

// --- reading

struct Refused {
    std::string why;
};

class Reader {
  public:
    explicit Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json.is_object()) throw Refused{where_ + " is no object"};
    }

    std::int64_t number(const char* key, std::int64_t low, std::int64_t high) const {
        const Json& value = at(key);
        if (!value.is_number_integer())
            throw Refused{fmt::format("{}: {} is no whole number", where_, key)};
        const bool huge =
            value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{1} << 62;
        const std::int64_t read = huge ? high + 1 : value.get<std::int64_t>();
        if (read < low || read > high) {
            throw Refused{fmt::format("{}: {} must be from {} to {}", where_, key, low, high)};
        }
        return read;
    }
    std::uint32_t small(const char* key, std::int64_t high) const {
        return static_cast<std::uint32_t>(number(key, 0, high));
    }
    std::string text(const char* key) const {
        const Json& value = at(key);
        if (!value.is_string()) throw Refused{fmt::format("{}: {} is no text", where_, key)};
        return value.get<std::string>();
    }
    bool flag(const char* key) const {
        const Json& value = at(key);
        if (!value.is_boolean())
            throw Refused{fmt::format("{}: {} is neither true nor false", where_, key)};
        return value.get<bool>();
    }
    const Json& list(const char* key) const {
        const Json& value = at(key);
        if (!value.is_array()) throw Refused{fmt::format("{}: {} is no list", where_, key)};
        return value;
    }
    Reader inner(const char* key) const { return Reader(at(key), key); }

  private:
    const Json& at(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end()) throw Refused{fmt::format("{}: {} is missing", where_, key)};
        return *found;
    }
    const Json& json_;
    std::string where_;
};

constexpr std::int64_t largest = std::int64_t{1} << 40;  // of amounts that only must not overflow
constexpr Micros longest_run = 3'600'000'000;

Limits read_limits(const Reader& json) {
    Limits limits;
    limits.segment_bytes = std::uint64_t(json.number("segment_bytes", 8 << 10, 16 << 20)) / 8 * 8;
    limits.large_batch_bytes = std::uint64_t(json.number("large_batch_bytes", 0, largest));
    limits.max_append_bytes = std::uint64_t(json.number("max_append_bytes", 1, largest));
    limits.max_inflight_bytes = std::uint64_t(json.number("max_inflight_bytes", 1, largest));
    limits.max_inflight_messages = std::uint64_t(json.number("max_inflight_messages", 1, largest));
    limits.max_uncommitted_bytes = std::uint64_t(json.number("max_uncommitted_bytes", 1, largest));
    limits.log_cache_bytes = std::uint64_t(json.number("log_cache_bytes", 1, largest));
    limits.max_pending_bytes = std::uint64_t(json.number("max_pending_bytes", 1, largest));
    limits.snapshot_log_bytes = std::uint64_t(json.number("snapshot_log_bytes", 1, largest));
    limits.snapshot_read_bytes = std::uint64_t(json.number("snapshot_read_bytes", 1, 1 << 20));
    limits.snapshot_chunk_bytes = std::uint64_t(json.number("snapshot_chunk_bytes", 1, 1 << 20));
    limits.snapshot_window_bytes = std::uint64_t(json.number("snapshot_window_bytes", 1, largest));
    limits.hold_ms = static_cast<std::uint32_t>(json.number("hold_ms", 1, 60'000));
    return limits;
}

Pace read_pace(const Reader& json) {
    constexpr Micros slowest = 10'000'000;
    return {json.number("message", 1, slowest), json.number("message_jitter", 0, slowest),
            json.number("sync", 1, slowest), json.number("sync_jitter", 0, slowest),
            json.number("turn", 1, slowest)};
}

Fault read_fault(const Reader& json, const Plan& plan) {
    Fault fault;
    const std::string name = json.text("fault");
    std::optional<FaultKind> kind;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        if (name_of(static_cast<FaultKind>(i)) == name) kind = static_cast<FaultKind>(i);
    }
    if (!kind) throw Refused{fmt::format("\"{}\" is no fault", name)};
    fault.kind = *kind;
    fault.at = json.number("at", 0, plan.horizon);
    fault.lasts = json.number("lasts", 1, longest_run);
    fault.node = json.small("node", plan.nodes - 1);
    fault.other = json.small("other", *kind == FaultKind::storm ? 4 : plan.nodes - 1);
    const bool clock = *kind == FaultKind::clock_rate;
    const bool flap = *kind == FaultKind::flap;
    fault.amount = json.number("amount",
                               clock  ? -50'000
                               : flap ? 1'000
                                      : -largest,
                               clock ? 50'000 : largest);
    return fault;
}

Operation read_operation(const Reader& json, const Plan& plan) {
    using protocol::Op;
    Operation operation;
    const std::string name = json.text("op");
    bool known = false;
    for (Op op : {Op::set, Op::get, Op::getm, Op::cas, Op::del}) {
        if (protocol::name_of(op) != name) continue;
        operation.op = op;
        known = true;
    }
    if (!known) throw Refused{fmt::format("\"{}\" is no command", name)};
    operation.at = json.number("at", 0, plan.horizon);
    operation.client = json.small("client", plan.clients - 1);
    operation.key = json.small("key", plan.keys - 1);
    operation.exptime_s = json.small("exptime", protocol::max_exptime_s);
    operation.value_bytes = static_cast<std::uint32_t>(json.number("bytes", 1, 1024));
    operation.guess = json.flag("guess");
    operation.patience = json.number("patience", 1, longest_run);
    operation.node = json.small("node", plan.nodes - 1);
    return operation;
}

Plan read_plan(const Reader& json) {
    Plan plan;
    plan.seed = std::uint64_t(json.number("seed", 0, std::int64_t{1} << 62));
    plan.nodes = static_cast<std::uint32_t>(json.number("nodes", 1, 15));
    plan.members = static_cast<std::uint32_t>(json.number("members", 1, plan.nodes));
    plan.clients = static_cast<std::uint32_t>(json.number("clients", 1, 1000));
    plan.keys = static_cast<std::uint32_t>(json.number("keys", 1, 100'000));
    plan.horizon = json.number("horizon", 1, longest_run);
    plan.limits = read_limits(json.inner("limits"));
    plan.pace = read_pace(json.inner("pace"));
    for (const Json& fault : json.list("faults")) {
        plan.faults.push_back(read_fault(Reader(fault, "a fault"), plan));
    }
    for (const Json& operation : json.list("operations")) {
        plan.operations.push_back(read_operation(Reader(operation, "an operation"), plan));
    }
    const auto by_time = [](const auto& a, const auto& b) { return a.at < b.at; };
    std::stable_sort(plan.faults.begin(), plan.faults.end(), by_time);
    std::stable_sort(plan.operations.begin(), plan.operations.end(), by_time);
    return plan;
}

template <class Items, class Write>
void append_list(std::string& out, const char* name, const Items& items, Write write) {
    out += fmt::format("  \"{}\": [", name);
    for (std::size_t i = 0; i < items.size(); ++i) {
        out += fmt::format("{}\n    {}", i == 0 ? "" : ",", write(items[i]).dump());
    }
    out += items.empty() ? "]" : "\n  ]";
}

}  // namespace

std::string to_json(const KeptPlan& kept) {
    const Plan& plan = kept.plan;
    std::string out = "{\n";
    out += fmt::format("  \"invariant\": {},\n", Json(kept.invariant).dump());
    out +=
        fmt::format("  \"seed\": {},\n  \"nodes\": {},\n  \"members\": {},\n  \"clients\": {},\n",
                    plan.seed, plan.nodes, plan.members, plan.clients);
    out += fmt::format("  \"keys\": {},\n  \"horizon\": {},\n", plan.keys, plan.horizon);
    out += fmt::format("  \"limits\": {},\n", limits_to_json(plan.limits).dump());
    out += fmt::format("  \"pace\": {},\n", pace_to_json(plan.pace).dump());
    append_list(out, "faults", plan.faults, fault_to_json);
    out += ",\n";
    append_list(out, "operations", plan.operations, operation_to_json);
    return out + "\n}\n";
}

Result<KeptPlan> parse_plan(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return Error{ErrorKind::usage, "the plan is no JSON"};
    try {
        const Reader reader(json, "the plan");
        return KeptPlan{read_plan(reader), reader.text("invariant")};
    } catch (const Refused& refused) {
        return Error{ErrorKind::usage, "the plan makes no sense: " + refused.why};
    } catch (const Json::exception& error) {
        return Error{ErrorKind::usage, fmt::format("the plan makes no sense: {}", error.what())};
    }
}

}  // namespace raftkv::simulation
