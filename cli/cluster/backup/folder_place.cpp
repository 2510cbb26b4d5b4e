#include "cli/cluster/backup/folder_place.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/cluster/backup/new_folder.hpp"
#include "node/storage/identity.hpp"

namespace raftkv::cli::backup {

namespace {

namespace fs = std::filesystem;

bool is_mount_point(const fs::path& folder) {
    struct statx found {};
    return ::statx(AT_FDCWD, folder.c_str(), 0, STATX_BASIC_STATS, &found) == 0 &&
           (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// What stays: the lock, which a process may hold; what is moved; and earlier folders that were
// moved aside.
std::vector<std::string> files_of(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        const std::string name = entry.path().filename();
        if (name != "lock" && !entry.is_directory(ec)) names.push_back(name);
    }
    // The identity first: without it no node takes what is left for a folder of its own.
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        const bool first = a == storage::identity_name, second = b == storage::identity_name;
        return first != second ? first : a < b;
    });
    return names;
}

class Moves {
  public:
    Result<void> move(const fs::path& from, const fs::path& to) {
        if (auto moved = replace_file(from, to); !moved) return moved;
        done_.emplace_back(from, to);
        return {};
    }
    void undo() {
        for (auto move = done_.rbegin(); move != done_.rend(); ++move) {
            // What can't be moved back is where it was moved to.
            [[maybe_unused]] const auto back = replace_file(move->second, move->first);
        }
    }

  private:
    std::vector<std::pair<fs::path, fs::path>> done_;
};

Result<void> move_all(Moves& moves, const fs::path& folder, const fs::path& replacement,
                      const fs::path& aside) {
    for (const std::string& name : files_of(folder)) {
        if (auto moved = moves.move(folder / name, aside / name); !moved) return moved;
    }
    std::vector<std::string> names = files_of(replacement);
    std::reverse(names.begin(), names.end());
    for (const std::string& name : names) {
        if (auto moved = moves.move(replacement / name, folder / name); !moved) return moved;
    }
    return {};
}

}  // namespace

Result<FolderPlace> place_of_folder(const fs::path& folder) {
    std::error_code ec;
    FolderPlace place{fs::canonical(folder, ec), true};
    if (ec) {
        return Error{ErrorKind::usage,
                     fmt::format("looking for {}: {}", folder.string(), ec.message())};
    }
    if (::access(place.folder.c_str(), W_OK) != 0) {
        return Error{ErrorKind::usage,
                     fmt::format("{} can't be written to: {}. Nothing was changed",
                                 place.folder.string(), std::generic_category().message(errno))};
    }
    place.can_be_renamed =
        !is_mount_point(place.folder) && ::access(place.folder.parent_path().c_str(), W_OK) == 0;
    return place;
}

Result<void> exchange_within(const fs::path& folder, const fs::path& replacement,
                             const fs::path& aside) {
    if (::mkdir(aside.c_str(), 0700) != 0) {
        return Error{ErrorKind::io, fmt::format("creating {}: {}", aside.string(),
                                                std::generic_category().message(errno))};
    }
    Moves moves;
    if (auto moved = move_all(moves, folder, replacement, aside); !moved) {
        moves.undo();
        std::error_code not_empty;
        fs::remove(aside, not_empty);
        return moved;
    }
    std::error_code ignored;
    fs::remove_all(replacement, ignored);
    return {};
}

Result<void> remove_all_of(const fs::path& path) {
    std::error_code ec;
    const auto failed = [&](const fs::path& what) {
        return Error{ErrorKind::io, fmt::format("removing {}: {}", what.string(), ec.message())};
    };
    if (fs::is_symlink(fs::symlink_status(path, ec))) {
        const fs::path target = fs::canonical(path, ec);
        if (!ec) {
            if (auto removed = remove_all_of(target); !removed) return removed;
        }
        fs::remove(path, ec);
        return ec ? Result<void>(failed(path)) : Result<void>();
    }
    if (!is_mount_point(path)) {
        fs::remove_all(path, ec);
        return ec ? Result<void>(failed(path)) : Result<void>();
    }
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path, ec)) inside.push_back(entry.path());
    for (const fs::path& each : inside) {
        fs::remove_all(each, ec);
        if (ec) return failed(each);
    }
    return {};
}

}  // namespace raftkv::cli::backup
