#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raftkv::server {

// Whether a request with this `Host` is answered: an address, "localhost" or one of `names`, which
// are in lower case, with any port or none. Everything else is a name that a stranger may have made
// to mean this machine (DNS rebinding). Untrusted bytes.
bool may_ask(std::string_view host, const std::vector<std::string>& names);

}  // namespace raftkv::server
