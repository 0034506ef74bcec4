// SPDX-License-Identifier: MIT
// Pays many at once, each payout id at most once, whatever happens to nonces, nodes and memories outside. In: ids, addresses and amounts from the owner, who has approved this contract at the
// token. Out: one event per id, once. It holds no money and can be changed by nobody.
pragma solidity ^0.8.20;

interface Erc20 {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Payouts {
    address public immutable owner;
    address public immutable token;

    /// 0: never seen. 1: paid. 2: refused by the token; it stays so, and the payout goes on under another id.
    mapping(bytes32 => uint8) public stateOf;

    event Paid(bytes32 indexed id, address indexed to, uint256 amount);
    event Refused(bytes32 indexed id, address indexed to, uint256 amount);

    constructor(address token_) {
        require(token_.code.length > 0, "token: expected a contract");
        owner = msg.sender;
        token = token_;
    }

    function pay(bytes32[] calldata ids, address[] calldata to, uint256[] calldata amounts) external {
        require(msg.sender == owner, "sender: expected the owner");
        require(ids.length == to.length && ids.length == amounts.length, "expected lists of equal length");
        for (uint256 at = 0; at < ids.length; at++) {
            if (stateOf[ids[at]] != 0) continue;
            stateOf[ids[at]] = 1; // before the token is called, which may call back
            if (moved(to[at], amounts[at])) {
                emit Paid(ids[at], to[at], amounts[at]);
            } else {
                stateOf[ids[at]] = 2;
                emit Refused(ids[at], to[at], amounts[at]);
            }
        }
    }

    /// Some tokens answer nothing, some answer false, some revert; one payee's refusal must not stop the others.
    function moved(address to, uint256 amount) private returns (bool) {
        (bool ok, bytes memory answer) = token.call(abi.encodeCall(Erc20.transferFrom, (owner, to, amount)));
        if (!ok) return false;
        return answer.length == 0 || (answer.length >= 32 && uint256(bytes32(answer)) == 1);
    }
}
