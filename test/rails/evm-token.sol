// SPDX-License-Identifier: MIT
// A token for tests: one that refuses some payees, and can answer as badly as tokens do.
pragma solidity ^0.8.20;

contract TestToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public refused;
    /// 0: reverts for whom it refuses. 1: answers false. 2: answers true and moves nothing.
    uint8 public manner;
    uint8 public immutable decimals;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply, uint8 decimals_) {
        decimals = decimals_;
        balanceOf[msg.sender] = supply;
    }

    function refuse(address to, uint8 manner_) external {
        refused[to] = true;
        manner = manner_;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        if (refused[to]) {
            require(manner != 0, "refused");
            return manner == 2;
        }
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}
