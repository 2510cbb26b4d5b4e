#include "node/storage/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "common/checksum.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

namespace {

constexpr std::size_t max_identity_bytes = 4096;

// Text, because people look at it when a node refuses a folder.
std::string body_of(const FoundIdentity& identity) {
    return fmt::format(
        "raftkv log folder\nformat {}\ncluster {:016x}\nconfig {:016x}\nnode {}\nfolder {:016x}\n",
        identity.format, identity.cluster_id, identity.config_id, identity.node_id,
        identity.folder);
}

// What was written before folders had an id of their own, and clusters one of theirs.
std::string first_body_of(const FoundIdentity& identity) {
    return fmt::format("raftkv log folder\nformat {}\ncluster {:016x}\nnode {}\n", identity.format,
                       identity.cluster_id, identity.node_id);
}

std::string text_of(const std::string& body) {
    return fmt::format("{}checksum {:016x}\n", body, checksum(body));
}

std::optional<std::uint64_t> take_field(std::string_view& text, std::string_view name, int base) {
    const std::size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos || !text.starts_with(name)) {
        return std::nullopt;
    }
    const char* end = text.data() + line_end;
    std::uint64_t number = 0;
    auto [stopped, error] = std::from_chars(text.data() + name.size(), end, number, base);
    text.remove_prefix(line_end + 1);
    return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

// Takes exactly what text_of() gives of either body.
std::optional<FoundIdentity> parse(std::string_view text) {
    const std::string_view whole = text;
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    auto format = take_field(text, "format ", 10);
    auto cluster_id = take_field(text, "cluster ", 16);
    if (!format || !cluster_id) {
        return std::nullopt;
    }
    const bool has_folder = text.starts_with("config ");
    auto config_id = has_folder ? take_field(text, "config ", 16) : cluster_id;
    auto node_id = take_field(text, "node ", 10);
    auto folder = has_folder ? take_field(text, "folder ", 16) : checksum(whole);
    if (!config_id || !node_id || !folder || *folder == 0) {
        return std::nullopt;
    }
    const FoundIdentity found{*format, *cluster_id, *config_id, *node_id, *folder};
    return whole == text_of(has_folder ? body_of(found) : first_body_of(found))
               ? std::optional(found)
               : std::nullopt;
}

Result<std::string> read_identity(Disk& disk) {
    Result<std::unique_ptr<File>> file = disk.open(identity_name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    return (*file)->read_at(0, max_identity_bytes);
}

}  // namespace

Result<std::optional<FoundIdentity>> find_identity(Disk& disk) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    if (std::find(names->begin(), names->end(), identity_name) == names->end()) {
        return std::optional<FoundIdentity>();
    }
    auto text = read_identity(disk);
    if (!text) {
        return text.error();
    }
    auto found = text->empty() ? std::nullopt : parse(*text);
    if (!found) {
        return Error{ErrorKind::corrupt,
                     fmt::format("{} is damaged: it does not say whose log this is. Nothing was "
                                 "changed.",
                                 disk.path_of(identity_name))};
    }
    return found;
}

// A configuration may also name the cluster by its identity.
bool is_guarded_by(const FoundIdentity& found, std::uint64_t config_id) {
    return config_id == 0 || found.config_id == 0 || found.config_id == config_id ||
           found.cluster_id == config_id;
}

Result<std::optional<FoundIdentity>> check_identity(Disk& disk, const Identity& identity) {
    auto looked = find_identity(disk);
    if (!looked) {
        return looked.error();
    }
    const std::optional<FoundIdentity>& found = *looked;
    if (!found) {
        return found;
    }
    const std::string path = disk.path_of(identity_name);
    if (found->format < format_version) {
        return Error{ErrorKind::usage,
                     fmt::format("{} says that the log beside it was made by an older raftkv "
                                 "(format {}); this one knows format {} and cannot read it. Use "
                                 "the program that made it.",
                                 path, found->format, format_version)};
    }
    if (found->format != format_version) {
        return Error{ErrorKind::usage,
                     fmt::format("{} says that the log beside it has format {}; this program "
                                 "knows format {}. Use the program that wrote it.",
                                 path, found->format, format_version)};
    }
    if (found->node_id != identity.node_id.value()) {
        return Error{ErrorKind::usage,
                     fmt::format("{} says that this folder belongs to node {}, but this is node "
                                 "{}. Give each node its own folder, or move this one away if its "
                                 "data is no longer wanted.",
                                 path, found->node_id, identity.node_id.value())};
    }
    if (!is_guarded_by(*found, identity.config_id)) {
        return Error{ErrorKind::usage,
                     fmt::format("{} says that this folder belongs to node {} of a configuration "
                                 "with the ClusterId {:016x}, but config.json has the ClusterId "
                                 "{:016x}. If the folder is the right one, correct ClusterId in "
                                 "config.json; else put the right folder there.",
                                 path, found->node_id, found->config_id, identity.config_id)};
    }
    return found;
}

Result<void> write_identity(Disk& disk, const Identity& identity) {
    auto file = disk.open(identity_temporary_name, OpenMode::create_new);
    if (!file) {
        return file.error();
    }
    const std::string text =
        text_of(body_of({format_version, identity.cluster_id, identity.config_id,
                         identity.node_id.value(), identity.new_folder}));
    const std::string_view piece = text;
    if (auto written = (*file)->write_at(0, {&piece, 1}); !written) {
        return written;
    }
    if (auto synced = (*file)->sync(); !synced) {
        return synced;
    }
    if (auto renamed = disk.rename(identity_temporary_name, identity_name); !renamed) {
        return renamed;
    }
    return disk.sync_folder();
}

}  // namespace raftkv::storage
