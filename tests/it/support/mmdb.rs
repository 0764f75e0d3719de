//! A small writer of the MaxMind DB format 2.0 (<https://maxmind.github.io/MaxMind-DB/>): so that tests make their databases
//! themselves, of addresses that are reserved for documentation, and nobody's data has to be copied.

use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where a branch of the tree leads.
#[derive(Clone, Copy)]
enum Branch {
    Nowhere,
    Node(usize),
    Record(usize),
}

/// What is between the tree and the data, and is counted by what points into the data.
const SEPARATOR: usize = 16;

/// A database of that type: networks in the notation of CIDR, each with its record.
pub fn mmdb(database_type: &str, networks: &[(&str, Value)]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Branch::Nowhere; 2]], Vec::new());
    for (network, record) in networks {
        let offset = data.len();
        encode(record, &mut data);
        insert(&mut nodes, network, offset);
    }
    let mut file = Vec::new();
    for branch in nodes.iter().flatten() {
        let value = match branch {
            Branch::Nowhere => nodes.len(),
            Branch::Node(node) => *node,
            Branch::Record(offset) => nodes.len() + SEPARATOR + offset,
        };
        file.extend(u32::try_from(value).expect("a small database").to_be_bytes());
    }
    file.extend([0; SEPARATOR]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    control(7, 9, &mut file);
    let nodes = u64::try_from(nodes.len()).expect("a small database");
    // Numbers of two bytes, of four, and of eight.
    for (name, kind, value) in [
        ("binary_format_major_version", 5, 2_u64),
        ("binary_format_minor_version", 5, 0),
        ("ip_version", 5, 6),
        ("record_size", 5, 32),
        ("node_count", 6, nodes),
        ("build_epoch", 9, 1),
    ] {
        encode(&json!(name), &mut file);
        let bytes = value.to_be_bytes();
        let significant = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len())..];
        control(kind, significant.len(), &mut file);
        file.extend(significant);
    }
    for (name, value) in [("database_type", json!(database_type)), ("languages", json!([])), ("description", json!({}))]
    {
        encode(&json!(name), &mut file);
        encode(&value, &mut file);
    }
    file
}

/// The same, in a file of that name in a folder.
pub fn write(folder: &Path, name: &str, networks: &[(&str, Value)]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, mmdb(name, networks)).expect("a file");
    path
}

fn insert(nodes: &mut Vec<[Branch; 2]>, network: &str, offset: usize) {
    let (address, length) = network.split_once('/').expect("a network");
    let length: u32 = length.parse().expect("a length");
    // IPv4 is below ::/96.
    let (bits, length) = match address.parse().expect("an address") {
        IpAddr::V4(address) => (u128::from(u32::from(address)), length + 96),
        IpAddr::V6(address) => (u128::from(address), length),
    };
    let mut node = 0;
    for depth in 0..length {
        let side = usize::from(bits >> (127 - depth) & 1 == 1);
        if depth + 1 == length {
            nodes[node][side] = Branch::Record(offset);
        } else if let Branch::Node(next) = nodes[node][side] {
            node = next;
        } else {
            nodes.push([Branch::Nowhere; 2]);
            nodes[node][side] = Branch::Node(nodes.len() - 1);
            node = nodes.len() - 1;
        }
    }
}

fn encode(value: &Value, data: &mut Vec<u8>) {
    match value {
        Value::String(text) => {
            control(2, text.len(), data);
            data.extend(text.as_bytes());
        }
        Value::Number(number) if number.is_f64() => {
            control(3, 8, data);
            data.extend(number.as_f64().expect("a number").to_be_bytes());
        }
        Value::Number(number) => {
            control(6, 4, data);
            data.extend(u32::try_from(number.as_u64().expect("a number")).expect("a small one").to_be_bytes());
        }
        Value::Object(map) => {
            control(7, map.len(), data);
            for (key, value) in map {
                encode(&json!(key), data);
                encode(value, data);
            }
        }
        Value::Array(items) => {
            control(11, items.len(), data);
            items.iter().for_each(|item| encode(item, data));
        }
        Value::Bool(is) => control(14, usize::from(*is), data),
        Value::Null => panic!("there is no null in a database"),
    }
}

/// The type and the size.
fn control(kind: u8, size: usize, data: &mut Vec<u8>) {
    let size = u8::try_from(size).expect("a small value");
    let (first, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
    if kind < 8 {
        data.push(kind << 5 | first);
    } else {
        data.extend([first, kind - 7]);
    }
    data.extend(more);
}
