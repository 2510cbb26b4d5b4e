#include "node/server/last_words.hpp"

#include <unistd.h>

#include "common/log.hpp"
#include "common/log_control.hpp"

namespace raftkv::server {

void end_process(const std::string& what_failed, const Error& error) {
    log::error(what_failed + ", and this node ends: " + error.message +
               "; look at the disk, then start the node again");
    log::flush();
    const ExitCode code = error.kind == ErrorKind::corrupt ? ExitCode::corrupt : ExitCode::io;
    ::_exit(static_cast<int>(code));
}

}  // namespace raftkv::server
