#include "node/storage/kept_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <vector>

#include "common/check.hpp"

namespace raftkv::storage {

namespace {

constexpr std::string_view clock_prefix = "clock-";
constexpr std::size_t max_boot_bytes = 64;

bool is_boot(std::string_view text) {
    return text.size() <= max_boot_bytes &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c); });
}

std::string clock_name(const KeptClock& clock) {
    RAFTKV_CHECK(is_boot(clock.boot));
    return fmt::format("{}{}.{}.{}", clock_prefix, clock.boot, clock.ahead_of_boot_us,
                       clock.ahead_of_wall_us);
}

// Up to the next point, or the end.
std::string_view take_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('.'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

// Takes exactly what clock_name() gives.
std::optional<KeptClock> parse_clock_name(const std::string& name) {
    if (!name.starts_with(clock_prefix)) return std::nullopt;
    std::string_view rest = std::string_view(name).substr(clock_prefix.size());
    KeptClock clock;
    clock.boot = take_part(rest);
    if (!is_boot(clock.boot)) return std::nullopt;
    for (std::int64_t* number : {&clock.ahead_of_boot_us, &clock.ahead_of_wall_us}) {
        const std::string_view digits = take_part(rest);
        std::from_chars(digits.data(), digits.data() + digits.size(), *number);
    }
    return name == clock_name(clock) ? std::optional(clock) : std::nullopt;
}

}  // namespace

std::optional<KeptClock> find_kept_clock(Disk& disk) {
    const auto names = disk.list();
    if (!names) return std::nullopt;
    for (const std::string& name : *names)
        if (auto clock = parse_clock_name(name)) return clock;
    return std::nullopt;
}

Result<void> replace_kept_clock(Disk& disk, const KeptClock& clock) {
    const auto names = disk.list();
    if (!names) return names.error();
    const std::string wanted = clock_name(clock);
    if (std::find(names->begin(), names->end(), wanted) != names->end()) return {};
    for (const std::string& name : *names)
        if (parse_clock_name(name)) return disk.rename(name, wanted);
    const auto file = disk.open(wanted, OpenMode::create_new);
    return file ? Result<void>() : file.error();
}

}  // namespace raftkv::storage
