#include "cli/cluster/backup/make_room.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/backup/folder_place.hpp"
#include "cli/cluster/backup/new_folder.hpp"
#include "common/cluster_record.hpp"
#include "common/private_files.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::cli::backup {

namespace {

namespace fs = std::filesystem;

// "node-7", or "node-7.moved" with that ending.
bool is_of_node(std::string_view name, std::string_view ending) {
    constexpr std::string_view start = "node-";
    if (!name.starts_with(start) || !name.ends_with(ending)) return false;
    name.remove_prefix(start.size());
    name.remove_suffix(ending.size());
    return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

// In `data`, of other clusters: folders, and what was noted of members.
std::vector<std::string> names_of_others(const fs::path& data, std::uint64_t cluster) {
    std::vector<std::string> names;
    std::error_code ec;
    const bool same = cluster_in(data) == cluster;
    for (fs::directory_iterator it(data, ec), end; !ec && it != end; it.increment(ec)) {
        const std::string name = it->path().filename();
        const bool is_folder = is_of_node(name, "") && it->is_directory(ec);
        const bool is_note = is_of_node(name, ".moved") || it->path() == members_file(data);
        if (is_folder ? cluster_of_folder(it->path()) != cluster : is_note && !same)
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> check_that_none_runs(const fs::path& data, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (!is_of_node(name, "")) continue;
        auto disk = storage::open_posix_disk_to_look((data / name).string());
        if (!disk) return disk.error();
    }
    return {};
}

fs::path name_for_old(const fs::path& data) {
    const auto now = std::chrono::system_clock::now();
    const std::string name = fmt::format("before-recovery-{:%Y%m%d-%H%M%S}",
                                         fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
    std::error_code ec;
    fs::path free = data / name;
    for (int i = 2; fs::exists(fs::symlink_status(free, ec)); ++i)
        free = data / fmt::format("{}-{}", name, i);
    return free;
}

// A mount point cannot have another name; then its files are moved within it.
Result<void> move_aside(const fs::path& from, const fs::path& before) {
    std::error_code ec;
    fs::rename(from, before / from.filename(), ec);
    if (!ec) return {};
    if (!fs::is_directory(from, ec))
        return Error{ErrorKind::io, fmt::format("moving {}: {}", from.string(), ec.message())};
    auto place = place_of_folder(from);
    if (!place) return place.error();
    return exchange_within(place->folder, place->folder / "nothing",
                           place->folder / before.filename());
}

}  // namespace

std::optional<std::uint64_t> parse_cluster_id(const std::string& text) {
    constexpr std::size_t digits = 16;
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && text.size() == digits && id != 0 ? std::optional(id) : std::nullopt;
}

Result<RoomMade> make_room(const ClusterConfig& config, std::uint64_t cluster) {
    const fs::path& data = config.data_path;
    RoomMade made;
    made.moved = names_of_others(data, cluster);
    if (auto none = check_that_none_runs(data, made.moved); !none) return none.error();
    if (auto noted = write_cluster_record(data, cluster); !noted) return noted.error();
    if (made.moved.empty()) return made;
    made.before = name_for_old(data);
    std::error_code ec;
    create_private_folders(*made.before, ec);
    if (ec)
        return Error{ErrorKind::io,
                     fmt::format("creating {}: {}", made.before->string(), ec.message())};
    for (const std::string& name : made.moved) {
        if (auto moved = move_aside(data / name, *made.before); !moved) return moved.error();
    }
    return made;
}

}  // namespace raftkv::cli::backup
