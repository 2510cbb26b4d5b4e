#include "node/replica/proposal_batch.hpp"

#include <memory>
#include <utility>

#include "common/check.hpp"

namespace raftkv::replica {
namespace {

using kv::CommandOp;
using protocol::Op;

CommandOp command_op_of(Op op) {
    switch (op) {
        case Op::set:
            return CommandOp::set;
        case Op::cas:
            return CommandOp::cas;
        case Op::del:
            return CommandOp::del;
        case Op::get:
        case Op::getm:
            break;
    }
    check_failed("a command that writes", __FILE__, __LINE__);
}

Op request_op_of(CommandOp op) {
    switch (op) {
        case CommandOp::set:
            return Op::set;
        case CommandOp::cas:
            return Op::cas;
        case CommandOp::del:
            return Op::del;
        case CommandOp::tick:
            break;
    }
    check_failed("a command of a client", __FILE__, __LINE__);
}

}  // namespace

void ProposalBatch::add(ClientToken client, const kv::Command& command) {
    kv::encode(command, block_);
    ends_.push_back(block_.size());
    clients_.push_back(client);
}

std::vector<SharedBytes> ProposalBatch::seal() {
    constexpr std::size_t most_kept = 2 << 20;  // of memory for the next
    const auto block = std::make_shared<const std::string>(block_);
    block_.clear();
    if (block_.capacity() > most_kept) block_.shrink_to_fit();
    std::vector<SharedBytes> commands;
    commands.reserve(ends_.size());
    std::size_t start = 0;
    for (const std::size_t end : ends_) {
        commands.emplace_back(block, std::string_view(*block).substr(start, end - start));
        start = end;
    }
    return commands;
}

void ProposalBatch::clear() {
    block_.clear();
    ends_.clear();
    clients_.clear();
}

kv::Command command_of(const protocol::Request& request, ClusterMs stamp) {
    return {command_op_of(request.op), stamp,       request.exptime_s,
            request.version,           request.key, request.value};
}

protocol::Request request_of(const kv::Command& command) {
    return {request_op_of(command.op), command.key, command.value, command.exptime_s,
            command.version};
}

}  // namespace raftkv::replica
