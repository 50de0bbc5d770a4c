//! Addresses of clients as logs write them.

/// The client's address in a list, without its port.
pub(super) fn first_address(list: &[u8]) -> &[u8] {
    // IIS writes the blank behind a comma as `+`.
    let first = list.split(|byte| matches!(byte, b',' | b'+'));
    let first = first.map(<[u8]>::trim_ascii).find(|it| !it.is_empty());
    without_port(first.unwrap_or_default())
}

/// `198.51.100.0:50000` and `[2001:db8::1]:50000` without the port; an address is left alone.
pub(super) fn without_port(address: &[u8]) -> &[u8] {
    if let Some(inner) = address.strip_prefix(b"[") {
        let end = inner.iter().position(|byte| *byte == b']');
        return &inner[..end.unwrap_or(inner.len())];
    }
    let mut colons = address
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b':');
    match (colons.next(), colons.next()) {
        (Some((at, _)), None) => &address[..at],
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_part_of_an_address() {
        for (written, address) in [
            ("198.51.100.7:50000", "198.51.100.7"),
            ("[2001:db8::1]:50000", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("client.example", "client.example"),
            ("", ""),
        ] {
            let found = without_port(written.as_bytes());
            assert_eq!(found, address.as_bytes(), "{written}");
        }
        let list = b"198.51.100.7:1,+10.0.0.1";
        assert_eq!(first_address(list), b"198.51.100.7");
        assert_eq!(first_address(b", 10.0.0.1"), b"10.0.0.1");
    }
}
