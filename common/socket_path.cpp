#include "common/socket_path.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

namespace raftkv {

SocketPath::SocketPath(const std::filesystem::path& socket) : text_(socket.string()) {
    if (text_.size() < sizeof(sockaddr_un::sun_path)) return;
    folder_ = ::open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) return;  // whoever uses the path gets the error
    text_ = fmt::format("/proc/self/fd/{}/{}", folder_, socket.filename().string());
}

SocketPath::~SocketPath() {
    if (folder_ >= 0) ::close(folder_);
}

}  // namespace raftkv
