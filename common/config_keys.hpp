#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_json.hpp"
#include "common/result.hpp"

// Reads a JSON object by a table of the keys that it may have. Included by config.cpp alone.

namespace raftkv {

// One key of an object that fills a T. `read` gets the key's value and its place, for errors.
template <class T>
struct ConfigKey {
    std::string_view name;
    bool required = false;
    Result<void> (*read)(const nlohmann::json& value, const std::string& place, T& into) = nullptr;
};

std::string lower_case(std::string_view text);

// Complains of keys that are not among `known`, each with the known one that it resembles most.
Error unknown_keys(const std::string& place, std::span<const std::string> unknown,
                   std::span<const std::string_view> known);

Error wrong_value(const std::string& place, std::string_view must_be, const nlohmann::json& value);

// `place` is "" for the file itself, else like "Servers[2]".
template <class T>
Result<void> read_object(const nlohmann::json& object, const std::string& place,
                         std::span<const ConfigKey<T>> keys, T& into) {
    if (!object.is_object()) return wrong_value(place, "an object, {...}", object);
    const std::string prefix = place.empty() ? "" : place + ".";
    std::vector<bool> seen(keys.size());
    std::vector<std::string> unknown;
    for (const auto& [name, value] : object.items()) {
        const auto same = [lower = lower_case(name)](const ConfigKey<T>& key) {
            return lower_case(key.name) == lower;
        };
        const auto key = std::find_if(keys.begin(), keys.end(), same);
        if (key == keys.end()) {
            unknown.push_back(name);
            continue;
        }
        seen[static_cast<std::size_t>(key - keys.begin())] = true;
        Result<void> done = key->read(value, prefix + std::string(key->name), into);
        if (!done) return done;
    }
    if (!unknown.empty()) {
        std::vector<std::string_view> known;
        for (const ConfigKey<T>& key : keys) known.push_back(key.name);
        return unknown_keys(place, unknown, known);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].required && !seen[i]) {
            return Error{ErrorKind::usage, prefix + std::string(keys[i].name) + " is missing"};
        }
    }
    return {};
}

}  // namespace raftkv
