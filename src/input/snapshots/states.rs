//! The names of TCP's states, in the programs and languages that write them.

use crate::diagnose::State;

/// The state of a name.
///
/// Programs shorten the English names in their own ways. A translated one is known by the parts
/// it is made of: what closes, what waits, what is sent. Windows speaks German here; other
/// languages are those of translated programs.
pub(super) fn state_of(name: &str) -> Option<State> {
    let name = name.to_uppercase().replace(['-', ' '], "_");
    Some(match name.as_str() {
        "ESTAB" | "ESTABLISHED" => State::Established,
        "TIME_WAIT" | "TIMEWAIT" | "WARTEND" => State::TimeWait,
        "CLOSE_WAIT" | "CLOSEWAIT" => State::CloseWait,
        "LISTEN" | "LISTENING" => State::Listen,
        "SYN_SENT" | "SYNSENT" => State::SynSent,
        "SYN_RECV" | "SYN_RECEIVED" | "SYN_RCVD" | "SYNRECEIVED" | "NEW_SYN_RECV" => {
            State::SynReceived
        }
        "FIN_WAIT_1" | "FIN_WAIT1" | "FINWAIT1" => State::FinWait1,
        "FIN_WAIT_2" | "FIN_WAIT2" | "FINWAIT2" => State::FinWait2,
        "CLOSING" | "SCHLIESSEND" => State::Closing,
        "LAST_ACK" | "LASTACK" => State::LastAck,
        "BOUND" => State::Bound,
        "CLOSED" | "CLOSE" | "DELETETCB" | "DELETE_TCB" | "UNCONN" => State::Closed,
        _ => return translated(&name),
    })
}

/// The state of a number of `MIB_TCP_STATE`, as `Get-NetTCPConnection` exports it, or of a name.
pub(super) fn numbered_state_of(text: &str) -> Option<State> {
    const NUMBERED: [State; 12] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
        State::Closed,
    ];
    match text.parse::<usize>() {
        Ok(100) => Some(State::Bound),
        Ok(number) => NUMBERED.get(number.checked_sub(1)?).copied(),
        Err(_) => state_of(text),
    }
}

const ESTABLISHED: [&str; 18] = [
    "HERGESTELLT",
    "VERBUNDEN",
    "ÉTABLI",
    "ETABLI",
    "CONNECTÉ",
    "ESTABLECID",
    "CONECTAD",
    "STABILIT",
    "ESTABELECID",
    "NAWIĄZAN",
    "USTANOW",
    "NAVÁZÁN",
    "УСТАНОВЛ",
    "確立",
    "接続済",
    "已建立",
    "已連",
    "설정",
];
const LISTENS: [&str; 13] = [
    "ÉCOUT",
    "ECOUT",
    "ESCUCH",
    "ESCUT",
    "ASCOLT",
    "NASŁUCH",
    "NASLOUCH",
    "ПРОСЛУШ",
    "リッス",
    "待ち受",
    "侦听",
    "聆聽",
    "수신_대기",
];
const WAITS: [&str; 11] = [
    "WAIT", "WART", "ATTENTE", "ESPERA", "ATTESA", "OCZEK", "ОЖИД", "待", "等", "대기", "AGUARD",
];
const CLOSES: [&str; 14] = [
    "CLOS",
    "SCHLIE",
    "FERM",
    "CERR",
    "CIERR",
    "FECH",
    "CHIU",
    "ZAMKN",
    "ЗАКРЫТ",
    "クローズ",
    "閉",
    "关闭",
    "關閉",
    "닫",
];
const SENDS: [&str; 9] = [
    "SENT",
    "GESENDET",
    "ENVOY",
    "ENVIAD",
    "INVIAT",
    "WYSŁ",
    "ОТПРАВ",
    "送",
    "发送",
];

fn translated(name: &str) -> Option<State> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\u{fffd}');
    // The second vowel of `ABHÖREN` depends on the code page: it may be no letter.
    if name.starts_with("ABH") {
        return Some(State::Listen);
    }
    if !name.chars().all(is_word) || name.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let begins = |stems: &[&str]| stems.iter().any(|stem| name.starts_with(stem));
    let has = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    Some(match () {
        () if begins(&ESTABLISHED) => State::Established,
        () if begins(&LISTENS) => State::Listen,
        () if has(&["SYN"]) && has(&SENDS) => State::SynSent,
        () if begins(&["SYN_"]) => State::SynReceived,
        () if has(&WAITS) && name.ends_with('1') => State::FinWait1,
        () if has(&WAITS) && name.ends_with('2') => State::FinWait2,
        () if has(&WAITS) && has(&CLOSES) => State::CloseWait,
        () if has(&["ACK"]) => State::LastAck,
        () if has(&WAITS) => State::TimeWait,
        () if begins(&CLOSES) => State::Closed,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_many_programs_and_languages_are_known() {
        for (names, state) in [
            (
                "ESTAB Established HERGESTELLT ÉTABLIE ESTABLECIDO STABILITA УСТАНОВЛЕНО 確立 \
                 USTANOWIONO NAVÁZÁNO",
                State::Established,
            ),
            (
                "TIME-WAIT TimeWait WARTEND TEMPS_ATTENTE TIEMPO_ESPERA 時間待ち",
                State::TimeWait,
            ),
            (
                "CLOSE-WAIT CloseWait SCHLIESSEN_WARTEN FERMER_ATTENTE CERRAR_ESPERA クローズ待ち",
                State::CloseWait,
            ),
            (
                "LISTEN Listening ABHÖREN ABHREN ÉCOUTE ESCUCHANDO NASŁUCHIWANIE \
                 NASLOUCHÁNÍ",
                State::Listen,
            ),
            ("SYN-SENT SYN_GESENDET SYN_ENVIADO", State::SynSent),
            ("SYN-RECV SYN_EMPFANGEN SYN_RECIBIDO", State::SynReceived),
            ("FIN-WAIT-1 FinWait1 FIN_WARTEN_1", State::FinWait1),
            ("FIN-WAIT-2 FIN_WARTEN_2 FIN_ATTENTE_2", State::FinWait2),
            ("LAST-ACK ZULETZT_ACK DERNIER_ACK", State::LastAck),
        ] {
            for name in names.split(' ') {
                assert_eq!(state_of(name), Some(state), "{name}");
            }
        }
        for name in ["", "5", "BUSY", "established)", "w3wp.exe", "TCP"] {
            assert_eq!(state_of(name), None, "{name}");
        }
        assert_eq!(numbered_state_of("11"), Some(State::TimeWait));
        assert_eq!(numbered_state_of("0"), None);
    }
}
