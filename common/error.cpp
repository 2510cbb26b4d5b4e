#include "common/error.hpp"

#include "common/check.hpp"

namespace raftkv {

ExitCode exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::failed:
            return ExitCode::failed;
        case ErrorKind::undecided:
            return ExitCode::undecided;
        case ErrorKind::usage:
            return ExitCode::usage;
        case ErrorKind::corrupt:
            return ExitCode::corrupt;
        case ErrorKind::unavailable:
            return ExitCode::unavailable;
        case ErrorKind::io:
            return ExitCode::io;
        case ErrorKind::no_space:
            return ExitCode::io;
        case ErrorKind::interrupted:
            return ExitCode::interrupted;
    }
    check_failed("known ErrorKind", __FILE__, __LINE__);
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::failed:
            return "failed";
        case ErrorKind::undecided:
            return "undecided";
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::corrupt:
            return "corrupt";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::io:
            return "io";
        case ErrorKind::no_space:
            return "no_space";
        case ErrorKind::interrupted:
            return "interrupted";
    }
    check_failed("known ErrorKind", __FILE__, __LINE__);
}

}  // namespace raftkv
