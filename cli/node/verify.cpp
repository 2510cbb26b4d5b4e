#include <fmt/format.h>

#include <cstdio>

#include "cli/node/checked_sink.hpp"
#include "cli/node/look_commands.hpp"
#include "cli/node/verify_report.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::cli {

Result<void> verify_folder(const std::string& folder, bool json) {
    auto disk = storage::open_posix_disk_to_look(folder);
    if (!disk.ok()) return disk.error();
    CheckedSink sink;
    auto look = storage::look_at_folder(**disk, sink);
    if (!look.ok()) return look.error();
    if (!look->refusal && !sink.objection().empty()) {
        look->refusal = Error{ErrorKind::corrupt, sink.objection()};
    }
    const VerifiedState state{sink.store().size(), sink.store().state_hash()};
    fmt::print("{}", json ? verify_json(folder, *look, state) : verify_text(folder, *look, state));
    return look->refusal ? Result<void>(*look->refusal) : Result<void>();
}

}  // namespace raftkv::cli
