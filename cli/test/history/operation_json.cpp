#include "cli/test/history/operation_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using protocol::Op;

// Complaints find their way out as exceptions, like those of the JSON library.
using Wrong = std::invalid_argument;

constexpr std::pair<Outcome, std::string_view> outcome_names[] = {
    {Outcome::ok, "ok"},
    {Outcome::absent, "not_found"},
    {Outcome::conflict, "conflict"},
    {Outcome::not_done, "not_done"},
    {Outcome::unknown, "unknown"},
};

constexpr Op ops[] = {Op::set, Op::get, Op::getm, Op::cas, Op::del};

// Sums of instants stay far from the ends of their range.
constexpr std::uint64_t latest_ns = std::uint64_t{1} << 62;

constexpr std::string_view fields[] = {"client",   "op",      "key",     "value_hash",
                                       "value",    "exptime", "version", "expected",
                                       "start_ns", "end_ns",  "outcome"};

// The fields of one object, each asked for by name.
class Fields {
  public:
    explicit Fields(const json& object) : object_(object) {
        if (!object.is_object()) throw Wrong("not a JSON object");
        for (const auto& [name, value] : object.items()) {
            if (std::find(std::begin(fields), std::end(fields), name) != std::end(fields)) continue;
            throw Wrong(fmt::format("unknown field \"{}\"", name));
        }
    }

    bool has(const char* name) const { return object_.contains(name); }

    std::string text(const char* name) const {
        if (!has(name)) throw Wrong(fmt::format("\"{}\" is missing", name));
        if (!object_[name].is_string()) throw Wrong(fmt::format("\"{}\" is no string", name));
        return object_[name].get<std::string>();
    }

    std::uint64_t number(const char* name, std::uint64_t least, std::uint64_t most) const {
        if (!has(name)) throw Wrong(fmt::format("\"{}\" is missing", name));
        const json& value = object_[name];
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least ||
            value.get<std::uint64_t>() > most) {
            throw Wrong(fmt::format("\"{}\" is no whole number from {} to {}", name, least, most));
        }
        return value.get<std::uint64_t>();
    }

    std::uint64_t number_or_0(const char* name, std::uint64_t most) const {
        return has(name) ? number(name, 0, most) : 0;
    }

  private:
    const json& object_;
};

Op op_from(const std::string& name) {
    for (const Op op : ops) {
        if (protocol::name_of(op) == name) return op;
    }
    throw Wrong(fmt::format("\"op\" is \"{}\", not set, cas, delete, get or getm", name));
}

Outcome outcome_from(const std::string& name) {
    for (const auto& [outcome, its_name] : outcome_names) {
        if (its_name == name) return outcome;
    }
    throw Wrong(fmt::format(
        "\"outcome\" is \"{}\", not ok, not_found, conflict, not_done or unknown", name));
}

std::string_view name_of(Outcome outcome) {
    for (const auto& [its, name] : outcome_names) {
        if (its == outcome) return name;
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

void check_answer(const Operation& op) {
    const bool is_possible = op.outcome == Outcome::absent     ? op.op != Op::set
                             : op.outcome == Outcome::conflict ? op.puts()
                                                               : true;
    if (is_possible) return;
    throw Wrong(
        fmt::format("a {} is never answered {}", protocol::name_of(op.op), name_of(op.outcome)));
}

bool has_value(const Operation& op) {
    return op.puts() || (op.reads() && op.outcome == Outcome::ok);
}

bool tells_version(const Operation& op) {
    return op.outcome == Outcome::ok && (op.puts() || op.op == Op::getm);
}

bool has_exptime(const Operation& op) {
    return op.puts() || (op.op == Op::getm && op.outcome == Outcome::ok);
}

std::uint64_t fingerprint_from(const Fields& from) {
    if (!from.has("value_hash")) {
        if (!from.has("value")) throw Wrong("\"value_hash\" (or \"value\") is missing");
        return fingerprint_of(from.text("value"));
    }
    const std::string hex = from.text("value_hash");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
    if (error != std::errc() || end != hex.data() + hex.size()) {
        throw Wrong("\"value_hash\" is no number of up to 16 hexadecimal digits");
    }
    return number;
}

void read_times(const Fields& from, Operation& op) {
    using std::chrono::nanoseconds;
    const std::uint64_t start = from.number("start_ns", 0, latest_ns);
    const bool is_open = op.outcome == Outcome::unknown && !from.has("end_ns");
    const std::uint64_t end = is_open ? start : from.number("end_ns", 0, latest_ns);
    if (end < start) throw Wrong("\"end_ns\" is before \"start_ns\"");
    op.start = Instant(nanoseconds(static_cast<std::int64_t>(start)));
    op.end = Instant(nanoseconds(static_cast<std::int64_t>(end)));
}

Operation read(const Fields& from) {
    Operation op;
    op.client = static_cast<std::uint32_t>(from.number_or_0("client", UINT32_MAX));
    op.op = op_from(from.text("op"));
    op.key = from.text("key");
    if (!protocol::is_valid_key(op.key)) {
        throw Wrong("\"key\" is not 1 to 250 printable characters without blanks");
    }
    op.outcome = outcome_from(from.text("outcome"));
    check_answer(op);
    if (has_value(op)) op.fingerprint = fingerprint_from(from);
    if (has_exptime(op)) {
        op.exptime_s =
            static_cast<std::uint32_t>(from.number_or_0("exptime", protocol::max_exptime_s));
    }
    if (op.op == Op::cas) op.expected = from.number("expected", 0, UINT64_MAX);
    if (tells_version(op)) op.version = from.number("version", 1, UINT64_MAX - 1);
    read_times(from, op);
    return op;
}

}  // namespace

std::string to_json(const Operation& operation, Instant epoch) {
    const auto ns_of = [&](Instant instant) {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(instant - epoch).count();
    };
    ordered_json line;
    line["client"] = operation.client;
    line["op"] = protocol::name_of(operation.op);
    line["key"] = operation.key;
    if (has_value(operation)) line["value_hash"] = fmt::format("{:016x}", operation.fingerprint);
    if (has_exptime(operation)) line["exptime"] = operation.exptime_s;
    if (operation.op == Op::cas) line["expected"] = operation.expected;
    line["outcome"] = name_of(operation.outcome);
    if (tells_version(operation)) line["version"] = operation.version;
    line["start_ns"] = ns_of(operation.start);
    line["end_ns"] = ns_of(operation.end);
    return line.dump();
}

Result<Operation> operation_from_json(std::string_view text) {
    try {
        const json object = json::parse(text);
        return read(Fields(object));
    } catch (const json::parse_error&) {
        return Error{ErrorKind::corrupt, "not a JSON object"};
    } catch (const std::exception& error) {
        return Error{ErrorKind::corrupt, error.what()};
    }
}

}  // namespace raftkv::test
