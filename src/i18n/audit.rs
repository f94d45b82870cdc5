//! Words of `mailwhy audit`. A language that lacks one does not compile.

use super::Language;

/// The labels of one language.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is its own English text")]
pub struct Labels {
    pub heading: &'static str,
    pub nothing: &'static str,
    pub period: &'static str,
    pub total: &'static str,
    pub own_notifications: &'static str,
    /// Of the views, in the order of their declaration.
    pub titles: [&'static str; 5],
    pub columns: [&'static str; 5],
    pub none: [&'static str; 5],
    pub local: &'static str,
    /// mails, rcpts, accepted, late, hard, soft, blocked, queued, other, bounce rate, median, p95, ours, TLS, bytes.
    pub figures: [&'static str; 15],
    pub legend: &'static str,
    pub hidden: &'static str,
    pub delays: &'static str,
    pub delay_columns: [&'static str; 4],
    pub delay_parts: [&'static str; 4],
    pub delay_note: &'static str,
    pub busiest: &'static str,
    pub busiest_of: [&'static str; 3],
    pub busiest_columns: [&'static str; 4],
    pub more: &'static str,
    pub too_small: &'static str,
    pub approximate: &'static str,
    pub seconds: &'static str,
    pub minutes: &'static str,
    pub hours: &'static str,
    pub days: &'static str,
}

impl Labels {
    /// The labels of a language.
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Ru => &RU,
        }
    }
}

const EN: Labels = Labels {
    heading: "AUDIT: {0} messages for {1} recipients",
    nothing: "There is no mail in this log.",
    period: "from {0} to {1}",
    total: "all mail",
    own_notifications: "own notifications (DSNs)",
    titles: [
        "BY SENDING DOMAIN, worst first",
        "BY LOGIN, worst first",
        "BY CLIENT, worst first",
        "BY RECEIVING DOMAIN, worst first",
        "BY PROVIDER, worst first",
    ],
    columns: ["sender domain", "login", "client", "domain", "provider"],
    none: [
        "(sender not in the log)",
        "(no login)",
        "(no client: submitted here)",
        "(not tried, or no domain)",
        "(any other)",
    ],
    local: "(this machine)",
    figures: [
        "mails", "rcpts", "taken", "late", "hard", "soft", "block", "wait", "other", "bounce",
        "median", "p95", "ours", "TLS", "bytes",
    ],
    legend: "taken: accepted; late: accepted after a deferral; hard, soft, block: given up with a cause that does not pass, with one that may pass or after the queue lifetime, because of our reputation; wait: still in the queue; bounce: given up of given up and taken; median, p95: from arrival to acceptance; ours: share of that before the connection; TLS: of those where the log tells.",
    hidden: "Not on a page this narrow: {0}. A terminal of {1} columns, --format csv and json have them.",
    delays: "DELAY of accepted recipients",
    delay_columns: ["part", "median", "p95", "share"],
    delay_parts: ["before the queue", "in the queue", "connecting", "sending"],
    delay_note: "Each figure is right within 3 %. The first two parts are ours. Exim tells only the sending, which has the connecting in it.",
    busiest: "MOST ACCEPTED MAIL: a hijacked account succeeds before it fails",
    busiest_of: ["sender", "login", "client"],
    busiest_columns: ["", "mails", "rcpts", "taken"],
    more: "{0} more",
    too_small: "{0} with fewer recipients than --min-recipients",
    approximate: "more names than can be held: a row may be up to {0} recipients and messages short",
    seconds: "{0} s",
    minutes: "{0} min",
    hours: "{0} h",
    days: "{0} d",
};

const RU: Labels = Labels {
    heading: "АУДИТ: писем {0}, получателей {1}",
    nothing: "Почты в этом журнале нет.",
    period: "с {0} по {1}",
    total: "вся почта",
    own_notifications: "свои уведомления (DSN)",
    titles: [
        "ПО ДОМЕНАМ ОТПРАВИТЕЛЕЙ, сначала худшие",
        "ПО ЛОГИНАМ, сначала худшие",
        "ПО КЛИЕНТАМ, сначала худшие",
        "ПО ДОМЕНАМ ПОЛУЧАТЕЛЕЙ, сначала худшие",
        "ПО ПРОВАЙДЕРАМ, сначала худшие",
    ],
    columns: ["домен отправителя", "логин", "клиент", "домен", "провайдер"],
    none: [
        "(отправителя в журнале нет)",
        "(без логина)",
        "(без клиента: отправлено здесь)",
        "(попыток не было или нет домена)",
        "(все прочие)",
    ],
    local: "(эта машина)",
    figures: [
        "писем",
        "получ.",
        "принято",
        "поздно",
        "навс.",
        "врем.",
        "блок",
        "ждут",
        "иное",
        "возвр.",
        "медиана",
        "p95",
        "наше",
        "TLS",
        "объём",
    ],
    legend: "принято: дошло; поздно: дошло после отсрочки; навс., врем., блок: возвращено по причине, которая не пройдёт; по той, что может пройти, или по сроку в очереди; из-за нашей репутации; ждут: ещё в очереди; возвр.: доля возвращённых среди возвращённых и принятых; медиана, p95: от прихода до приёма; наше: доля этого времени до соединения; TLS: там, где об этом сказано в журнале.",
    hidden: "На такой узкой странице нет колонок: {0}. Они есть в окне шириной {1} и в --format csv и json.",
    delays: "ЗАДЕРЖКА принятых",
    delay_columns: ["часть", "медиана", "p95", "доля"],
    delay_parts: ["до очереди", "в очереди", "соединение", "передача"],
    delay_note: "Числа верны с точностью до 3 %. Первые две части — наши. Exim сообщает только передачу, вместе с соединением.",
    busiest: "БОЛЬШЕ ВСЕГО ПРИНЯТО: у взломанного ящика сначала всё получается",
    busiest_of: ["отправитель", "логин", "клиент"],
    busiest_columns: ["", "писем", "получ.", "принято"],
    more: "ещё {0}",
    too_small: "получателей меньше, чем в --min-recipients: {0}",
    approximate: "имён больше, чем можно держать: в строке может не хватать до {0} получателей и писем",
    seconds: "{0} с",
    minutes: "{0} мин",
    hours: "{0} ч",
    days: "{0} сут",
};
