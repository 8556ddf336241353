"""Countries and time zones by number: facts of ISO 3166 and of the tz database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COUNTRIES: Final[Mapping[int, tuple[str, str]]] = {
    4: ("AF", "Afghanistan"),
    8: ("AL", "Albania"),
    10: ("AQ", "Antarctica"),
    12: ("DZ", "Algeria"),
    16: ("AS", "American Samoa"),
    20: ("AD", "Andorra"),
    24: ("AO", "Angola"),
    28: ("AG", "Antigua and Barbuda"),
    31: ("AZ", "Azerbaijan"),
    32: ("AR", "Argentina"),
    36: ("AU", "Australia"),
    40: ("AT", "Austria"),
    44: ("BS", "Bahamas"),
    48: ("BH", "Bahrain"),
    50: ("BD", "Bangladesh"),
    51: ("AM", "Armenia"),
    52: ("BB", "Barbados"),
    56: ("BE", "Belgium"),
    60: ("BM", "Bermuda"),
    64: ("BT", "Bhutan"),
    68: ("BO", "Bolivia"),
    70: ("BA", "Bosnia and Herzegovina"),
    72: ("BW", "Botswana"),
    74: ("BV", "Bouvet Island"),
    76: ("BR", "Brazil"),
    84: ("BZ", "Belize"),
    86: ("IO", "British Indian Ocean Territory"),
    90: ("SB", "Solomon Islands"),
    92: ("VG", "Virgin Islands (British)"),
    96: ("BN", "Brunei Darussalam"),
    100: ("BG", "Bulgaria"),
    104: ("MM", "Myanmar"),
    108: ("BI", "Burundi"),
    112: ("BY", "Belarus"),
    116: ("KH", "Cambodia"),
    120: ("CM", "Cameroon"),
    124: ("CA", "Canada"),
    132: ("CV", "Cabo Verde"),
    136: ("KY", "Cayman Islands"),
    140: ("CF", "Central African Republic"),
    144: ("LK", "Sri Lanka"),
    148: ("TD", "Chad"),
    152: ("CL", "Chile"),
    156: ("CN", "China"),
    158: ("TW", "Taiwan"),
    162: ("CX", "Christmas Island"),
    166: ("CC", "Cocos (Keeling) Islands"),
    170: ("CO", "Colombia"),
    174: ("KM", "Comoros"),
    175: ("YT", "Mayotte"),
    178: ("CG", "Congo"),
    180: ("CD", "Congo, Democratic Republic of the"),
    184: ("CK", "Cook Islands"),
    188: ("CR", "Costa Rica"),
    191: ("HR", "Croatia"),
    192: ("CU", "Cuba"),
    196: ("CY", "Cyprus"),
    203: ("CZ", "Czechia"),
    204: ("BJ", "Benin"),
    208: ("DK", "Denmark"),
    212: ("DM", "Dominica"),
    214: ("DO", "Dominican Republic"),
    218: ("EC", "Ecuador"),
    222: ("SV", "El Salvador"),
    226: ("GQ", "Equatorial Guinea"),
    231: ("ET", "Ethiopia"),
    232: ("ER", "Eritrea"),
    233: ("EE", "Estonia"),
    234: ("FO", "Faroe Islands"),
    238: ("FK", "Falkland Islands (Malvinas)"),
    239: ("GS", "South Georgia and the South Sandwich Islands"),
    242: ("FJ", "Fiji"),
    246: ("FI", "Finland"),
    248: ("AX", "Åland Islands"),
    250: ("FR", "France"),
    254: ("GF", "French Guiana"),
    258: ("PF", "French Polynesia"),
    260: ("TF", "French Southern Territories"),
    262: ("DJ", "Djibouti"),
    266: ("GA", "Gabon"),
    268: ("GE", "Georgia"),
    270: ("GM", "Gambia"),
    275: ("PS", "Palestine"),
    276: ("DE", "Germany"),
    288: ("GH", "Ghana"),
    292: ("GI", "Gibraltar"),
    296: ("KI", "Kiribati"),
    300: ("GR", "Greece"),
    304: ("GL", "Greenland"),
    308: ("GD", "Grenada"),
    312: ("GP", "Guadeloupe"),
    316: ("GU", "Guam"),
    320: ("GT", "Guatemala"),
    324: ("GN", "Guinea"),
    328: ("GY", "Guyana"),
    332: ("HT", "Haiti"),
    334: ("HM", "Heard Island and McDonald Islands"),
    336: ("VA", "Holy See (Vatican City State)"),
    340: ("HN", "Honduras"),
    344: ("HK", "Hong Kong"),
    348: ("HU", "Hungary"),
    352: ("IS", "Iceland"),
    356: ("IN", "India"),
    360: ("ID", "Indonesia"),
    364: ("IR", "Iran"),
    368: ("IQ", "Iraq"),
    372: ("IE", "Ireland"),
    376: ("IL", "Israel"),
    380: ("IT", "Italy"),
    384: ("CI", "Côte d'Ivoire"),
    388: ("JM", "Jamaica"),
    392: ("JP", "Japan"),
    398: ("KZ", "Kazakhstan"),
    400: ("JO", "Jordan"),
    404: ("KE", "Kenya"),
    408: ("KP", "Korea, Democratic People's Republic of"),
    410: ("KR", "Korea, Republic of"),
    414: ("KW", "Kuwait"),
    417: ("KG", "Kyrgyzstan"),
    418: ("LA", "Lao People's Democratic Republic"),
    422: ("LB", "Lebanon"),
    426: ("LS", "Lesotho"),
    428: ("LV", "Latvia"),
    430: ("LR", "Liberia"),
    434: ("LY", "Libya"),
    438: ("LI", "Liechtenstein"),
    440: ("LT", "Lithuania"),
    442: ("LU", "Luxembourg"),
    446: ("MO", "Macao"),
    450: ("MG", "Madagascar"),
    454: ("MW", "Malawi"),
    458: ("MY", "Malaysia"),
    462: ("MV", "Maldives"),
    466: ("ML", "Mali"),
    470: ("MT", "Malta"),
    474: ("MQ", "Martinique"),
    478: ("MR", "Mauritania"),
    480: ("MU", "Mauritius"),
    484: ("MX", "Mexico"),
    492: ("MC", "Monaco"),
    496: ("MN", "Mongolia"),
    498: ("MD", "Moldova"),
    499: ("ME", "Montenegro"),
    500: ("MS", "Montserrat"),
    504: ("MA", "Morocco"),
    508: ("MZ", "Mozambique"),
    512: ("OM", "Oman"),
    516: ("NA", "Namibia"),
    520: ("NR", "Nauru"),
    524: ("NP", "Nepal"),
    528: ("NL", "Netherlands"),
    531: ("CW", "Curaçao"),
    533: ("AW", "Aruba"),
    534: ("SX", "Sint Maarten (Dutch part)"),
    535: ("BQ", "Bonaire, Sint Eustatius and Saba"),
    540: ("NC", "New Caledonia"),
    548: ("VU", "Vanuatu"),
    554: ("NZ", "New Zealand"),
    558: ("NI", "Nicaragua"),
    562: ("NE", "Niger"),
    566: ("NG", "Nigeria"),
    570: ("NU", "Niue"),
    574: ("NF", "Norfolk Island"),
    578: ("NO", "Norway"),
    580: ("MP", "Northern Mariana Islands"),
    581: ("UM", "United States Minor Outlying Islands"),
    583: ("FM", "Micronesia"),
    584: ("MH", "Marshall Islands"),
    585: ("PW", "Palau"),
    586: ("PK", "Pakistan"),
    591: ("PA", "Panama"),
    598: ("PG", "Papua New Guinea"),
    600: ("PY", "Paraguay"),
    604: ("PE", "Peru"),
    608: ("PH", "Philippines"),
    612: ("PN", "Pitcairn"),
    616: ("PL", "Poland"),
    620: ("PT", "Portugal"),
    624: ("GW", "Guinea-Bissau"),
    626: ("TL", "Timor-Leste"),
    630: ("PR", "Puerto Rico"),
    634: ("QA", "Qatar"),
    638: ("RE", "Réunion"),
    642: ("RO", "Romania"),
    643: ("RU", "Russian Federation"),
    646: ("RW", "Rwanda"),
    652: ("BL", "Saint Barthélemy"),
    654: ("SH", "Saint Helena, Ascension and Tristan da Cunha"),
    659: ("KN", "Saint Kitts and Nevis"),
    660: ("AI", "Anguilla"),
    662: ("LC", "Saint Lucia"),
    663: ("MF", "Saint Martin (French part)"),
    666: ("PM", "Saint Pierre and Miquelon"),
    670: ("VC", "Saint Vincent and the Grenadines"),
    674: ("SM", "San Marino"),
    678: ("ST", "Sao Tome and Principe"),
    682: ("SA", "Saudi Arabia"),
    686: ("SN", "Senegal"),
    688: ("RS", "Serbia"),
    690: ("SC", "Seychelles"),
    694: ("SL", "Sierra Leone"),
    702: ("SG", "Singapore"),
    703: ("SK", "Slovakia"),
    704: ("VN", "Viet Nam"),
    705: ("SI", "Slovenia"),
    706: ("SO", "Somalia"),
    710: ("ZA", "South Africa"),
    716: ("ZW", "Zimbabwe"),
    724: ("ES", "Spain"),
    728: ("SS", "South Sudan"),
    729: ("SD", "Sudan"),
    732: ("EH", "Western Sahara"),
    740: ("SR", "Suriname"),
    744: ("SJ", "Svalbard and Jan Mayen"),
    748: ("SZ", "Eswatini"),
    752: ("SE", "Sweden"),
    756: ("CH", "Switzerland"),
    760: ("SY", "Syrian Arab Republic"),
    762: ("TJ", "Tajikistan"),
    764: ("TH", "Thailand"),
    768: ("TG", "Togo"),
    772: ("TK", "Tokelau"),
    776: ("TO", "Tonga"),
    780: ("TT", "Trinidad and Tobago"),
    784: ("AE", "United Arab Emirates"),
    788: ("TN", "Tunisia"),
    792: ("TR", "Türkiye"),
    795: ("TM", "Turkmenistan"),
    796: ("TC", "Turks and Caicos Islands"),
    798: ("TV", "Tuvalu"),
    800: ("UG", "Uganda"),
    804: ("UA", "Ukraine"),
    807: ("MK", "North Macedonia"),
    818: ("EG", "Egypt"),
    826: ("GB", "United Kingdom"),
    831: ("GG", "Guernsey"),
    832: ("JE", "Jersey"),
    833: ("IM", "Isle of Man"),
    834: ("TZ", "Tanzania"),
    840: ("US", "United States of America"),
    850: ("VI", "Virgin Islands (U.S.)"),
    854: ("BF", "Burkina Faso"),
    858: ("UY", "Uruguay"),
    860: ("UZ", "Uzbekistan"),
    862: ("VE", "Venezuela"),
    876: ("WF", "Wallis and Futuna"),
    882: ("WS", "Samoa"),
    887: ("YE", "Yemen"),
    894: ("ZM", "Zambia"),
}
"""ISO 3166-1: number to two letters and English name."""

# The place in this list is the id that clients store: new zones go to the end, none is ever taken out.
_ZONES: Final = """
UTC
Africa/Abidjan Africa/Accra Africa/Addis_Ababa Africa/Algiers Africa/Asmara Africa/Bamako Africa/Bangui Africa/Banjul
Africa/Bissau Africa/Blantyre Africa/Brazzaville Africa/Bujumbura Africa/Cairo Africa/Casablanca Africa/Ceuta
Africa/Conakry Africa/Dakar Africa/Dar_es_Salaam Africa/Djibouti Africa/Douala Africa/El_Aaiun Africa/Freetown
Africa/Gaborone Africa/Harare Africa/Johannesburg Africa/Juba Africa/Kampala Africa/Khartoum Africa/Kigali
Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Lome Africa/Luanda Africa/Lubumbashi Africa/Lusaka Africa/Malabo
Africa/Maputo Africa/Maseru Africa/Mbabane Africa/Mogadishu Africa/Monrovia Africa/Nairobi Africa/Ndjamena
Africa/Niamey Africa/Nouakchott Africa/Ouagadougou Africa/Porto-Novo Africa/Sao_Tome Africa/Tripoli Africa/Tunis
Africa/Windhoek
America/Adak America/Anchorage America/Anguilla America/Antigua America/Araguaina America/Argentina/Buenos_Aires
America/Argentina/Catamarca America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja
America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan
America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Aruba America/Asuncion
America/Atikokan America/Bahia America/Bahia_Banderas America/Barbados America/Belem America/Belize
America/Blanc-Sablon America/Boa_Vista America/Bogota America/Boise America/Cambridge_Bay America/Campo_Grande
America/Cancun America/Caracas America/Cayenne America/Cayman America/Chicago America/Chihuahua America/Ciudad_Juarez
America/Costa_Rica America/Coyhaique America/Creston America/Cuiaba America/Curacao America/Danmarkshavn
America/Dawson America/Dawson_Creek America/Denver America/Detroit America/Dominica America/Edmonton America/Eirunepe
America/El_Salvador America/Fort_Nelson America/Fortaleza America/Glace_Bay America/Goose_Bay America/Grand_Turk
America/Grenada America/Guadeloupe America/Guatemala America/Guayaquil America/Guyana America/Halifax America/Havana
America/Hermosillo America/Indiana/Indianapolis America/Indiana/Knox America/Indiana/Marengo
America/Indiana/Petersburg America/Indiana/Tell_City America/Indiana/Vevay America/Indiana/Vincennes
America/Indiana/Winamac America/Inuvik America/Iqaluit America/Jamaica America/Juneau America/Kentucky/Louisville
America/Kentucky/Monticello America/Kralendijk America/La_Paz America/Lima America/Los_Angeles America/Lower_Princes
America/Maceio America/Managua America/Manaus America/Marigot America/Martinique America/Matamoros America/Mazatlan
America/Menominee America/Merida America/Metlakatla America/Mexico_City America/Miquelon America/Moncton
America/Monterrey America/Montevideo America/Montserrat America/Nassau America/New_York America/Nome America/Noronha
America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Nuuk America/Ojinaga
America/Panama America/Paramaribo America/Phoenix America/Port-au-Prince America/Port_of_Spain America/Porto_Velho
America/Puerto_Rico America/Punta_Arenas America/Rankin_Inlet America/Recife America/Regina America/Resolute
America/Rio_Branco America/Santarem America/Santiago America/Santo_Domingo America/Sao_Paulo America/Scoresbysund
America/Sitka America/St_Barthelemy America/St_Johns America/St_Kitts America/St_Lucia America/St_Thomas
America/St_Vincent America/Swift_Current America/Tegucigalpa America/Thule America/Tijuana America/Toronto
America/Tortola America/Vancouver America/Whitehorse America/Winnipeg America/Yakutat
Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Macquarie Antarctica/Mawson Antarctica/McMurdo
Antarctica/Palmer Antarctica/Rothera Antarctica/Syowa Antarctica/Troll Antarctica/Vostok
Arctic/Longyearbyen
Asia/Aden Asia/Almaty Asia/Amman Asia/Anadyr Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Atyrau Asia/Baghdad
Asia/Bahrain Asia/Baku Asia/Bangkok Asia/Barnaul Asia/Beirut Asia/Bishkek Asia/Brunei Asia/Chita Asia/Colombo
Asia/Damascus Asia/Dhaka Asia/Dili Asia/Dubai Asia/Dushanbe Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Ho_Chi_Minh
Asia/Hong_Kong Asia/Hovd Asia/Irkutsk Asia/Jakarta Asia/Jayapura Asia/Jerusalem Asia/Kabul Asia/Kamchatka Asia/Karachi
Asia/Kathmandu Asia/Khandyga Asia/Kolkata Asia/Krasnoyarsk Asia/Kuala_Lumpur Asia/Kuching Asia/Kuwait Asia/Macau
Asia/Magadan Asia/Makassar Asia/Manila Asia/Muscat Asia/Nicosia Asia/Novokuznetsk Asia/Novosibirsk Asia/Omsk Asia/Oral
Asia/Phnom_Penh Asia/Pontianak Asia/Pyongyang Asia/Qatar Asia/Qostanay Asia/Qyzylorda Asia/Riyadh Asia/Sakhalin
Asia/Samarkand Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Srednekolymsk Asia/Taipei Asia/Tashkent Asia/Tbilisi
Asia/Tehran Asia/Thimphu Asia/Tokyo Asia/Tomsk Asia/Ulaanbaatar Asia/Urumqi Asia/Ust-Nera Asia/Vientiane
Asia/Vladivostok Asia/Yakutsk Asia/Yangon Asia/Yekaterinburg Asia/Yerevan
Atlantic/Azores Atlantic/Bermuda Atlantic/Canary Atlantic/Cape_Verde Atlantic/Faroe Atlantic/Madeira
Atlantic/Reykjavik Atlantic/South_Georgia Atlantic/St_Helena Atlantic/Stanley
Australia/Adelaide Australia/Brisbane Australia/Broken_Hill Australia/Darwin Australia/Eucla Australia/Hobart
Australia/Lindeman Australia/Lord_Howe Australia/Melbourne Australia/Perth Australia/Sydney
Europe/Amsterdam Europe/Andorra Europe/Astrakhan Europe/Athens Europe/Belgrade Europe/Berlin Europe/Bratislava
Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Busingen Europe/Chisinau Europe/Copenhagen Europe/Dublin
Europe/Gibraltar Europe/Guernsey Europe/Helsinki Europe/Isle_of_Man Europe/Istanbul Europe/Jersey Europe/Kaliningrad
Europe/Kirov Europe/Kyiv Europe/Lisbon Europe/Ljubljana Europe/London Europe/Luxembourg Europe/Madrid Europe/Malta
Europe/Mariehamn Europe/Minsk Europe/Monaco Europe/Moscow Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague
Europe/Riga Europe/Rome Europe/Samara Europe/San_Marino Europe/Sarajevo Europe/Saratov Europe/Simferopol Europe/Skopje
Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Tirane Europe/Ulyanovsk Europe/Vaduz Europe/Vatican Europe/Vienna
Europe/Vilnius Europe/Volgograd Europe/Warsaw Europe/Zagreb Europe/Zurich
Indian/Antananarivo Indian/Chagos Indian/Christmas Indian/Cocos Indian/Comoro Indian/Kerguelen Indian/Mahe
Indian/Maldives Indian/Mauritius Indian/Mayotte Indian/Reunion
Pacific/Apia Pacific/Auckland Pacific/Bougainville Pacific/Chatham Pacific/Chuuk Pacific/Easter Pacific/Efate
Pacific/Fakaofo Pacific/Fiji Pacific/Funafuti Pacific/Galapagos Pacific/Gambier Pacific/Guadalcanal Pacific/Guam
Pacific/Honolulu Pacific/Kanton Pacific/Kiritimati Pacific/Kosrae Pacific/Kwajalein Pacific/Majuro Pacific/Marquesas
Pacific/Midway Pacific/Nauru Pacific/Niue Pacific/Norfolk Pacific/Noumea Pacific/Pago_Pago Pacific/Palau
Pacific/Pitcairn Pacific/Pohnpei Pacific/Port_Moresby Pacific/Rarotonga Pacific/Saipan Pacific/Tahiti Pacific/Tarawa
Pacific/Tongatapu Pacific/Wake Pacific/Wallis
"""
TIME_ZONES: Final[Mapping[int, str]] = dict(enumerate(_ZONES.split(), 1))
"""Ids of our own to names of the tz database; 1 is UTC."""

ZONE_IDS: Final[Mapping[str, int]] = {name: number for number, name in TIME_ZONES.items()}
"""The same the other way round."""
