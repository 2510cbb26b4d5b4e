#include "cli/bench/load/dialect.hpp"
#include "common/check.hpp"
#include "common/protocol/parser.hpp"
#include "common/protocol/request.hpp"

namespace raftkv::bench {
namespace {

using protocol::ParsedReply;
using protocol::ReplyKind;

protocol::Op op_of(Verb verb) {
    switch (verb) {
        case Verb::set:
            return protocol::Op::set;
        case Verb::get:
            return protocol::Op::get;
        case Verb::cas:
            return protocol::Op::cas;
        case Verb::getm:
            return protocol::Op::getm;
    }
    check_failed("known Verb", __FILE__, __LINE__);
}

Outcome outcome_of(const protocol::Reply& reply, Verb verb, std::size_t value_bytes) {
    switch (reply.kind) {
        case ReplyKind::ok:
        case ReplyKind::deleted:
        case ReplyKind::value_meta:
            return Outcome::done;
        case ReplyKind::value:
            return reply.value.size() == value_bytes ? Outcome::done : Outcome::wrong_value;
        case ReplyKind::cmd_err:
            return Outcome::refused;
        case ReplyKind::version_err:
            return verb == Verb::cas ? Outcome::conflict : Outcome::exists;
        case ReplyKind::not_found:
            return Outcome::missing;
        case ReplyKind::internal:
            return writes(verb) ? Outcome::unknown : Outcome::failed_read;
        case ReplyKind::redirect:
            return Outcome::redirect;
    }
    check_failed("known ReplyKind", __FILE__, __LINE__);
}

class RaftkvDialect : public Dialect {
  public:
    void append(std::string& out, Verb verb, std::string_view key, std::string_view value,
                std::uint64_t version) const override {
        protocol::Request request;
        request.op = op_of(verb);
        request.key = key;
        request.value = value;
        request.version = version;
        protocol::format(request, out);
    }

    Answer read(std::string_view input, Verb verb, std::size_t value_bytes) const override {
        const ParsedReply parsed = protocol::parse_reply(input, op_of(verb));
        if (parsed.status == ParsedReply::Status::need_more) return {};
        if (parsed.status == ParsedReply::Status::malformed) {
            return {.status = Answer::Status::malformed};
        }
        return {Answer::Status::complete, parsed.consumed,
                outcome_of(parsed.reply, verb, value_bytes), parsed.reply.version,
                parsed.reply.leader};
    }
};

}  // namespace

const Dialect& raftkv_dialect() {
    static const RaftkvDialect dialect;
    return dialect;
}

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return "done";
        case Outcome::conflict:
            return "conflict";
        case Outcome::exists:
            return "exists";
        case Outcome::missing:
            return "missing";
        case Outcome::wrong_value:
            return "wrong value";
        case Outcome::refused:
            return "refused";
        case Outcome::failed_read:
            return "failed read";
        case Outcome::unknown:
            return "unknown outcome";
        case Outcome::timed_out:
            return "no answer in time";
        case Outcome::lost:
            return "connection lost";
        case Outcome::redirect:
            return "redirect";
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

}  // namespace raftkv::bench
