#include <fmt/format.h>

#include <cstdio>

#include "cli/node/entry_line.hpp"
#include "cli/node/look_commands.hpp"
#include "node/storage/entry_walk.hpp"
#include "node/storage/folder.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::cli {

Result<void> inspect_folder(const InspectArguments& arguments) {
    auto disk = storage::open_posix_disk_to_look(arguments.folder);
    if (!disk.ok()) return disk.error();
    auto files = storage::list_folder(**disk);
    if (!files.ok()) return files.error();
    if (files->log.segments.empty()) {
        return Error{ErrorKind::usage, arguments.folder + " holds no segment of a log"};
    }
    auto print = [&](const raft::Entry& entry, bool committed) {
        fmt::print("{}",
                   arguments.json ? entry_json(entry, committed) : entry_text(entry, committed));
    };
    if (!arguments.json) fmt::print("{:>10} {:>6}  command\n", "index", "term");
    auto walk = storage::walk_entries(**disk, files->log,
                                      {LogIndex(arguments.from), LogIndex(arguments.to)}, print);
    if (!walk.ok()) return walk.error();
    if (walk->damages.empty()) return {};
    std::string message = "the log is damaged, and what is behind these places is not shown:";
    for (const storage::Damage& damage : walk->damages) {
        message += fmt::format("\n  {} at offset {}: {}", (*disk)->path_of(damage.file),
                               damage.offset, damage.what);
    }
    return Error{ErrorKind::corrupt, message};
}

}  // namespace raftkv::cli
