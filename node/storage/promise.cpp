#include "node/storage/promise.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace raftkv::storage {

namespace {

constexpr std::string_view prefix = "promise-";
// No election timeout can be configured to be longer.
constexpr std::uint32_t longest_ms = 60'000;

std::string name_of(std::uint32_t promise_ms) {
    return std::string(prefix) + std::to_string(promise_ms);
}

// Takes exactly what name_of() gives. Who starts waits as long as it says: not for ever.
std::optional<std::uint32_t> parse_name(const std::string& name) {
    if (!name.starts_with(prefix)) return std::nullopt;
    std::uint32_t promise_ms = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), promise_ms);
    const bool ours = promise_ms <= longest_ms && name == name_of(promise_ms);
    return ours ? std::optional(promise_ms) : std::nullopt;
}

}  // namespace

Result<std::uint32_t> find_promise_ms(Disk& disk) {
    auto names = disk.list();
    if (!names) return names.error();
    std::uint32_t longest = 0;
    for (const std::string& name : *names)
        longest = std::max(longest, parse_name(name).value_or(0));
    return longest;
}

Result<void> replace_promise_ms(Disk& disk, std::uint32_t promise_ms) {
    auto names = disk.list();
    if (!names) return names.error();
    const std::string wanted = name_of(promise_ms);
    if (promise_ms > 0 && std::find(names->begin(), names->end(), wanted) == names->end()) {
        if (auto file = disk.open(wanted, OpenMode::create_new); !file) return file.error();
        if (auto synced = disk.sync_folder(); !synced) return synced;
    }
    for (const std::string& name : *names) {
        if (name == wanted || !parse_name(name)) continue;
        if (auto removed = disk.remove(name); !removed) return removed;
    }
    return disk.sync_folder();
}

}  // namespace raftkv::storage
