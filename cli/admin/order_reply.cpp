#include "cli/admin/order_reply.hpp"

#include <fmt/format.h>

#include "common/printable.hpp"

namespace raftkv::cli {

ErrorKind kind_of_refusal(int code) {
    if (code == bad_request) return ErrorKind::usage;
    return code == unavailable || code == ask_another ? ErrorKind::unavailable : ErrorKind::failed;
}

std::string reason_in(const HttpReply& reply) {
    std::string text = printable_text(reply.body);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.empty() ? fmt::format("HTTP code {}", reply.code) : text;
}

}  // namespace raftkv::cli
