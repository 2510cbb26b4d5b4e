#include "cli/cluster/dump/dump_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/base64.hpp"
#include "common/protocol/request.hpp"

namespace raftkv::cli::dump {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> fields{"key",     "value",   "value_base64",
                                                 "version", "exptime", "remaining"};

Error wrong(std::string what) {
    return Error{ErrorKind::usage, std::move(what)};
}

// JSON takes the last of two fields with one name; who writes two has made a mistake.
bool has_field_twice(std::string_view line) {
    std::array<int, fields.size()> seen{};
    bool twice = false;
    const auto count = [&](int depth, json::parse_event_t event, json& parsed) {
        if (event != json::parse_event_t::key || depth != 1) return true;
        const auto found = std::find(fields.begin(), fields.end(), parsed.get_ref<std::string&>());
        if (found != fields.end() && ++seen[static_cast<std::size_t>(found - fields.begin())] > 1) {
            twice = true;
        }
        return true;
    };
    const json ignored = json::parse(line, count, false);
    return twice;
}

Result<std::string> text(const json& object, const char* name) {
    const json& field = object.at(name);
    if (!field.is_string()) return wrong(fmt::format("\"{}\" is no text", name));
    return field.get<std::string>();
}

Result<std::string> value_in(const json& object) {
    const bool plain = object.contains("value");
    if (plain == object.contains("value_base64"))
        return wrong("it needs either \"value\" or \"value_base64\"");
    if (plain) return text(object, "value");
    Result<std::string> encoded = text(object, "value_base64");
    if (!encoded) return encoded;
    std::optional<std::string> bytes = from_base64(*encoded);
    if (!bytes) return wrong("\"value_base64\" is no base64");
    return std::move(*bytes);
}

// 0 when it is not there.
Result<std::uint32_t> seconds_in(const json& object, const char* name) {
    const auto field = object.find(name);
    if (field == object.end()) return std::uint32_t{0};
    if (!field->is_number_unsigned() || field->get<std::uint64_t>() > protocol::max_exptime_s) {
        return wrong(fmt::format("\"{}\" is no whole number of seconds from 0 to {}", name,
                                 protocol::max_exptime_s));
    }
    return field->get<std::uint32_t>();
}

Result<void> check_fields(const json& object) {
    if (!object.is_object()) return wrong("it is no JSON object");
    for (const auto& [name, ignored] : object.items()) {
        if (std::find(fields.begin(), fields.end(), name) == fields.end())
            return wrong(fmt::format("there is no field \"{}\"", name));
    }
    if (!object.contains("key")) return wrong("\"key\" is missing");
    const auto version = object.find("version");
    if (version != object.end() && !version->is_number_unsigned())
        return wrong("\"version\" is no number");
    return {};
}

}  // namespace

Result<DumpItem> parse_item(std::string_view line) {
    const json object = json::parse(line, nullptr, false);
    if (object.is_discarded()) return wrong("it is no JSON");
    if (auto checked = check_fields(object); !checked) return checked.error();
    if (has_field_twice(line)) return wrong("a field is there twice");
    Result<std::string> key = text(object, "key");
    if (!key) return key.error();
    if (!protocol::is_valid_key(*key)) {
        return wrong(fmt::format(
            "\"key\" is none: a key is 1 to {} printable ASCII characters without blanks",
            protocol::max_key_bytes));
    }
    Result<std::string> value = value_in(object);
    if (!value) return value.error();
    if (value->empty()) return wrong("the value is empty, and no key can have such");
    Result<std::uint32_t> exptime = seconds_in(object, "exptime");
    if (!exptime) return exptime.error();
    Result<std::uint32_t> remaining = seconds_in(object, "remaining");
    if (!remaining) return remaining.error();
    if (object.contains("remaining") && *remaining == 0)
        return wrong("\"remaining\" is 0: such a key is not there");
    return DumpItem{std::move(*key), std::move(*value), *remaining != 0 ? *remaining : *exptime};
}

}  // namespace raftkv::cli::dump
