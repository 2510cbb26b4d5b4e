#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cli/client/connection.hpp"
#include "cli/client/statement.hpp"
#include "common/error.hpp"
#include "common/result.hpp"

namespace raftkv::cli::client {

// What came of a command of the protocol.
struct Outcome {
    Result<OwnedReply> result;
    std::chrono::microseconds elapsed{};
};

// The same in words.
struct Verdict {
    ExitCode exit = ExitCode::done;
    std::string_view word;  // one for programs: "ok", "not_found", ...
    std::string_view code;  // as the node said it: "ERR_NOT_FOUND"; empty if it said nothing
    std::string message;    // empty when it went well: what went wrong
    std::string advice;     // what to do next; may be empty
};

Verdict judge(const Statement& statement, const Result<OwnedReply>& result);

// "set arun": what was being done, for messages.
std::string describe(const Statement& statement);

// "1.2 ms".
std::string elapsed_text(std::chrono::microseconds elapsed);

}  // namespace raftkv::cli::client
