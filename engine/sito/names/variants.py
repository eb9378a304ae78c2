"""Names that are one name: in other languages, in other spellings, or as a short form. Put together by hand.

A line is a group, with indented lines that carry it on. Words are given as they are written, in any script; spellings
that fold to the same letters are not repeated. What stands behind `|` is a short or familiar form, which has no
patronymic. `uk:` and `be:` mark Ukrainian and Belarusian spellings; their romanisations (Serhii, Siarhei) and
patronymics are made by rule in `sito.names.makelexicon`, Russian patronymics are those that people bear.

What is one group and what is not: spellings that documents or translations show for one name are (Магомед, Мухаммад;
Сергей, Serhii; Пётр, Peter); names that merely have one origin are not (Иван and John, Юрий and Георгий). A word stands
in two groups at most (Саша, Женя, Валя); where more would claim it, the first ones have it.

Sources: transliteration tables named in `sito.names.letters`; general knowledge of the languages; aliases in the public
lists show which spellings occur.
"""

from __future__ import annotations

MASCULINE = """
Александр uk:Олександр be:Аляксандр be:Аляксандар Alexander Alexandre Aleksander Alexandros Alejandro Alessandro
    Oleksander Aleksandar Alexandru Aleksandro Искандер Искандар Alexandr | Саша Шура Саня Сашко Alex Алекс
Алексей uk:Олексій be:Аляксей Aleksei Alexey Alexei Alexis Oleksii Aleksej Алексий | Лёша Алёша Лёха Олекса Alyosha
Анатолий uk:Анатолій be:Анатоль Anatoly Anatole Anatolii | Толя Толик
Андрей uk:Андрій be:Андрэй Andrei Andrej Andrzej Andrii Andrew Эндрю Ondrej Andras | Андрюша Андрюха
Антон uk:Антін Antony Anthony Энтони Antoni Antonio Antoine Антуан Antonius Antal | Тоха Антоша Tony Тони
Аркадий uk:Аркадій be:Аркадзь Arkady Arkadi Arkadiusz | Аркаша
Арсений uk:Арсеній be:Арсень Arseny Arsenii
Артём uk:Артем be:Арцём Артемий Artyom Artemy Artemii | Тёма
Афанасий uk:Панас uk:Опанас be:Апанас Afanasy Athanasios Афанас | Thanasis Thanos
Богдан uk:Богдан be:Багдан Bohdan | Даня
Борис uk:Борис be:Барыс Borys Boriss | Боря
Вадим uk:Вадим be:Вадзім Vadym
Валентин uk:Валентин be:Валянцін Valentyn Valentine Валентайн | Валя
Валерий uk:Валерій be:Валерый Valery Valerii Valeri Valeriu Valerijs | Валера
Василий uk:Василь be:Васіль be:Базыль Vasily Vasyl Vassili Vasile Wassily Vasileios | Вася Васёк
Виктор uk:Віктор be:Віктар Victor Viktors Viktoras Wiktor | Витя
Виталий uk:Віталій be:Віталь Vitaly Vitalii Vitali Vitalie Vitalijs | Виталик
Владимир uk:Володимир be:Уладзімір Volodymyr Wladimir Włodzimierz Vladimirs Wolodymyr | Вова Володя Вовчик
Владислав uk:Владислав be:Уладзіслаў Vladyslav Wladyslaw Vladislavs Ladislav | Влад Владик Слава
Вячеслав uk:В'ячеслав be:Вячаслаў Viacheslav Viachaslau Vjaceslavs Wiaczeslaw | Слава
Всеволод uk:Всеволод be:Усевалад | Сева
Геннадий uk:Геннадій be:Генадзь Gennady Gennadii Hennadii Genadi Henadz Gennadijs Генадий | Гена
Георгий uk:Георгій be:Георгій be:Георгі Georgy Georgii Heorhii Heorhi George Georgios Giorgos Yorgos
    Yiorgos Yeorgios Yeoryios Γιώργος Georges Гиоргий Гиорги Giorgio
    Gheorghe Джордж Георг | Гоша Жора
Герман uk:Герман be:Герман Herman Hermann Херман Херманн | Гера
Глеб uk:Гліб be:Глеб Hlib Hleb
Григорий uk:Григорій be:Рыгор be:Грыгорый Grigory Grigori Hryhorii Hryhoriy Gregory Грегори Grzegorz Grigor Grigorij
    Gregor Grigore | Гриша Greg
Даниил uk:Данило uk:Даниїл be:Даніла be:Данііл Данил Daniel Danylo Даниял Danial Danyal | Даня
Денис uk:Денис be:Дзяніс Денисий Denys Dzianis Dennis Дионисий Dionisios | Дэн
Дмитрий uk:Дмитро be:Дзмітрый be:Зміцер Dmitry Dmitri Dmytro Dzmitry Dimitri Dimitrios Dimitar Dumitru Dmitrij
    Димитрий Димитър Dmitrijs Dimitry Dimitris Dimitrije | Дима Митя Димон
Евгений uk:Євген uk:Євгеній be:Яўген be:Яўгеній Yevgeny Evgeny Yevhen Yauhen Eugene Юджин Eugen Eugeniusz Evgeni
    Yevgeni Evgenii Jevgenijs Ievgen Ievgenii Evgheni Eugenio Евген | Женя
Егор uk:Єгор be:Ягор Yahor Jegor Ehor
Ефим uk:Юхим be:Яфім Yefim Yukhym | Фима
Захар uk:Захар be:Захар Захарий Zachar Захария Zacharias Zachary Zechariah Закария Закарья Зекерия Zakaria Zakariyya
    Zachariah Захари
Иван uk:Іван be:Іван be:Ян Ioann Ioan Iwan Ivans | Ваня Ванька
Ованес Оганес Hovhannes Ovannes Ohannes Hovanes Ovanness Оганнес Ohanes
Иоаннис Yannis Yiannis Giannis Γιάννης Янис Яннис Ioannes
Игнат uk:Гнат uk:Ігнат be:Ігнат Игнатий Ignaty Ignatius Ignacy Ignatios
Игорь uk:Ігор be:Ігар Ihor Ihar Igors | Игорёк
Илья uk:Ілля be:Ілья Illia Илия Elias Ilias Ильяс Ильяш Ilyaz Ilie Elijah Элайджа Elia Eliyahu Элияху Elyas Элияс
    Iliyas
Иннокентий uk:Інокентій be:Інакенцій Innokenty Innokenti | Кеша
Иосиф uk:Йосип uk:Осип be:Іосіф be:Язэп be:Восіп Юсуф Юсуп Юсеф Юсиф Joseph Джозеф Josef Жозеф Yousef Youssef Yousuf
    Youssouf Yosef Иосеф Josip Yosyp Jusuf Jozef József Giuseppe José Josep Usuf Yossef Youcef Ioseb Yosif Йозеф
Кирилл uk:Кирило be:Кірыл Kyrylo Cyril Kiril Cyrille Kirils Kyril
Климент uk:Климент be:Клімент Клим Clement Klement Klym
Константин uk:Костянтин be:Канстанцін Kostiantyn Constantine Constantin Konstantinos Constantinos Konstantins
    Kostyantyn Costantino Constantino Konstanty | Костя Костик Kostas Costas
Кузьма uk:Кузьма be:Кузьма Козьма Cosma Cosmas
Лаврентий uk:Лаврентій be:Лаўрэнцій Lavrenty Lavrenti Lawrence Лоуренс Laurence Laurent Lorenz Lorenzo
Лев uk:Лев be:Леў Leo | Лёва Lyova
Леон Leonas
Левон Ghevond Gevond
Тигран Tigran Dikran Digran Dickran Tigranes
Вардан Vardan Вартан Vartan Wartan
Геворг Gevorg Геворк Кеворк Kevork Gevork Kevorg Gevorq
Карапет Karapet Garabed Garabet Карабет
Арутюн Harutyun Haroutioun Haroutiun Haroutyun Артюн Harout
Григор Grigor Krikor Крикор
Мкртич Мкртыч Mkrtich Mgrdich Mkrdich Mgerdich Meguerditch
Петрос Petros Bedros Бедрос
Погос Poghos Boghos Богос
Аветис Avetis Avedis Аведис
Гагик Gagik Kakig Gagig
Гарегин Garegin Karekin Карекин
Ваграм Vahram Wahram
Хачатур Khachatur Khatchadour Khachadur Khatchatour Хачадур
Хачик Khachik Khatchig Khachig Hachik
Манук Manuk Manoug Manoog
Мисак Misak Missag
Тадевос Tadevos Tatevos Тадеос Фаддей Thaddeus Tadeusz
Арташес Artashes Ardashes
Артавазд Artavazd Ardavazt
Ашот Ashot Ashod
Баграт Bagrat Pakrad Bagrad
Барсег Barsegh Parsegh
Киракос Kirakos Giragos
Мартирос Martiros Mardiros Мардирос
Вазген Vazgen Vazken Vasken
Ерванд Yervand Yervant Ервант Ervant
Сурен Suren Souren Sourén
Элефтериос Eleftherios Eleutherios Ελευθέριος Lefteris Λευτέρης
Эвангелос Evangelos Evaggelos Ευάγγελος Vangelis Βαγγέλης
Ставрос Stavros Stauros Σταύρος
Леонид uk:Леонід be:Леанід Leonids Leonidas | Лёня
Леонтий uk:Леонтій be:Лявонцій Leonty Leonti
Лука uk:Лука be:Лука Lukas Lucas Luke Лукаш Лукьян Lukasz Luca Luc
Максим uk:Максим be:Максім Maxim Maksym Maxime Максимилиан Maksims Massimo Maximilian Maksymilian | Макс Max
Марк uk:Марко be:Марк Marc Marcus Маркус Marek Marco
Матвей uk:Матвій be:Мацвей Matvei Matvii Matthew Мэттью Matthias Маттиас Mateusz Matei Mathew Matthieu Matteo Mateo
    Matias Matej Матей Матфей Matti | Мотя
Мирон uk:Мирон be:Мірон Myron
Мирослав uk:Мирослав be:Міраслаў Myroslav Miroslaw | Мирко
Митрофан uk:Митрофан be:Мітрафан Mytrofan
Михаил uk:Михайло be:Міхаіл be:Міхась Mykhailo Mikhailo Michael Майкл Михаэль Mykhaylo Mihail Mihai Michail Michal
    Mikael Mihály Микаил Микайил Mikaeel Mikhayil Мишель Michel Miguel Mihailo Mikhal Миколь | Миша Mike Майк Мишка
Моисей uk:Мойсей be:Майсей Moses Moisei Моше Муса Мусса Moussa Mousa Musse Moosa Мозес Moise Мойше Moisés Muse Мовсес
Назар uk:Назар be:Назар Назарий Nazarii
Никита uk:Микита be:Мікіта Mykyta
Николай uk:Микола be:Мікалай be:Мікола Nikolai Mykola Mikalai Nicholas Николас Nikola Nicolae Nikolaos Nicolas Nicolai
    Nikolajs Nikolaj Mikolaj Nicola Niklas Миколай Nikolaus Miklos Nikos Nicos Νίκος | Коля Колян Nick
Никифор uk:Никифор be:Нічыпар Nykyfor Nikiforos
Олег uk:Олег be:Алег Oleh Aleh Alieh Oļegs Alehs
Остап uk:Остап be:Астап Евстафий
Павел uk:Павло be:Павел be:Павал Paul Пол Paulo Pablo Pawel Pavle Paulus Паулюс Pavels Paolo Pavlos Παύλος Pál Павол
    | Паша Павлик
Пётр uk:Петро be:Пётр be:Пятро Pyotr Piotr Petar Petru Petros Pjotr Peter Питер Pjoters Pieter Питър Peteris | Петя
    Пете
Платон uk:Платон be:Платон
Прохор uk:Прохір be:Прохар
Родион uk:Родіон be:Радзівон Radion Иродион Rodyon
Роман uk:Роман be:Раман Romans Romain Romano Romanas | Рома
Ростислав uk:Ростислав be:Расціслаў Rostyslav Rascislau Rostislavs
Руслан uk:Руслан be:Руслан Рустлан | Русик
Савва uk:Сава be:Сава Савелий Savely Saveli
Самуил uk:Самійло uk:Самуїл be:Самуіл Samuel Сэмюэл Shmuel Samvel | Sam Сэм Sammy
Святослав uk:Святослав be:Святаслаў Sviatoslav Svetoslav Sviataslau | Слава
Семён uk:Семен be:Сямён be:Сымон Semyon Semion Simon Саймон Simeon Shimon Шимеон Simão Симеун Szymon Siamion | Сёма
Сергей uk:Сергій be:Сяргей Sergei Serhii Serhiy Siarhei Serge Sergio Sergius Sergejs Sergii Siargey Серж Sergej
    Serguei Серхио Sergi Sergiu Серджио | Серёжа Серёга Seryozha
Саркис Sargis Сергис Sarkis
Станислав uk:Станіслав be:Станіслаў Stanislaw Stanislas Stanislavs | Стас Слава
Степан uk:Степан be:Сцяпан Stsiapan Stefan Stephen Стивен Stephan Steven Stepans Степанос Stefano Stephane Stephanos
    Стефанос István Esteban Stephanus Étienne Stevan Щепан Szczepan | Стёпа Steve Стив Stiopa
Тарас uk:Тарас be:Тарас
Тимофей uk:Тимофій be:Цімафей Timofei Tymofii Timothy Тимоти Timothée Timotheus Tsimafei Tymofiy Timoteo | Тима Tim
Тимур uk:Тимур be:Цімур Tymur Темур Темир Teimuraz Taimour Taymur Teymur Taimur
Тихон uk:Тихон be:Ціхан Tykhon
Трофим uk:Трохим be:Трафім Trokhym
Фёдор uk:Федір be:Фёдар Fyodor Теодор Theodor Theodore Теодорос Fiodar Theodoros Feodor Теодоро Todor Tivadar Fjodors
    | Федя Ted Teddy
Феликс uk:Фелікс be:Фелікс Felix
Филипп uk:Пилип uk:Філіп be:Піліп Philip Phillip Philippe Philippos Felipe Филиппос Pylyp Филлип Filippo Philipp
    Филипс
Фома uk:Хома uk:Тома be:Хама be:Тамаш Thomas Томас Tomasz Tommaso | Tom Tommy
Харитон uk:Харитон be:Харытон Haryton
Эдуард uk:Едуард be:Эдуард Edward Эдвард Eduards Édouard Eduardo Эдвардас | Эдик Ted Teddy
Юлиан uk:Юліан be:Юліян Юлий Julian Джулиан Juliano Julien Жюльен Julius Юлиус Iulian Юлиуш
Юрий uk:Юрій be:Юрый Yuri Yury Yurii Iouri Iurii Jurij Jurijs Youri Jury Iurie Iuri Жюри Juri | Юра
Яков uk:Яків be:Якаў be:Якуб Iakov Jacob Джейкоб Jakob Якоб Yaakov Jakub Якуп Якоп Yaqub Yaqoob Yakoub Yaqoub Ягуб
    Ёкуб Hakob Hagop Agop Акоп Акоб Якупбай Jacobo Jacques Жак Yaqob Яакоб Иаковос Giacomo | Яша Jake
Ярослав uk:Ярослав be:Яраслаў Iaroslav Jaroslav Jaroslaw | Слава
Варфоломей Bartholomew Bartolomeo Bartosz Bartholomäus Бартоломей Bartolome Барталамей
Вениамин uk:Веніамін be:Веніямін Benjamin Бенджамин Beniamin Binyamin Benyamin Bünyamin | Веня Ben
Гавриил uk:Гаврило be:Гаўрыла Gabriel Gavril Гавриэль Havrylo Джабраил Жабраил Jibril Jabrail Gabriele Джибриль
    Jebreil Gibril Djibril Djabrail Gabriyel Jabril Jibreel Cabrayil Джебраил
Адам Адом Адем Aadam Адама
Авраам uk:Аврам uk:Авраам be:Аўраам Абрам Avraham Абрахам Abraham Эйбрахам Ибрагим Ибрахим Ебрахим Иброхим Иброгим
    Ибрагимбек Ibrahim Ebrahim Ibraheem Ibrohim Brahim Ebrahem Ebraheem Ibrahima Ибрагима Ибраим Ibro Apraham | Абраша
    Абраам
Исаак uk:Ісаак be:Ісаак Isaac Айзек Исак Yitzhak Ицхак Izaak Исхак Ишак Исхок Исахак Ishaq Eshaq Icchak Itzhak Эсхак
    Ishaaq Yitzchak Eshagh Исаакий Исках
Измаил Исмаил Исмоил Исмагил Исмоилжон Ismael Esmail Esmaeil Esmaeel Ismaeel Ismailu Smail Ismayil Esmaiel Исмаилл
    Ismaila Исмаал
Соломон Сулейман Сулайман Сулаймон Сулиман Солаймон Shlomo Suleiman Sulaiman Soleiman Soleyman Sulaimon Souleymane
    Sulejman Sleiman Слейман Suleman Сулейменбек Сулеймен Suleimen Soliman Souleiman Solayman Solaiman
Давид uk:Давид be:Давід Дэвид Davit Дауд Давуд Довуд Dawood Daoud Dawud Dawid Dovid Davood Daut Тавит Davids Davide
    Давут Даууд Daood Довут Dauda
Иов Айюб Аюб Ayoub Эюп Айюп Ayyoub Eyub Аюп Ayuob Ayyob Job
Иона Юнус Юнис Younis Younes Yonus Yunous Юнес Jonah Younus Jonas Юнас Younous Йонас Yones Ионас
Лот Lut
Ной Нух Нуху Noah Nuh Nooh Nuhu Ноах Nouh Ноа
Енох Идрис Идрисс Edris Edriss Идриз Idrees Driss Idrissa Enoch Edrees
Иисус Иса Исса Ийса Eisa Essa Iessa Эйса Isaa Айса Ise Eissa
Яхья Яхё Yahya Yahia Yehia Yahiya Yihya Yahyo Yahaya Iahya Яхия Yahyaa Yahye Ихья
Ян Jan Яан Jaan Янош János Jano
Джон John Jon Джонни Johnny Jonny | Jack Джек
Иоганн Johann Иоханн Йоханнес Johannes Йохан Johan Йоханн Иоганнес Юхан Юханнес Hans Ганс Ханс
Жан Jean Жеан
Хуан Juan Хуанито
Джованни Giovanni Gianni Джанни
Джеймс James Джеймз Jaime | Jim Джим Jimmy Джимми Jamie Джейми
Вильгельм Wilhelm William Уильям Вильям Guillermo Гильермо Willem Виллем Guillaume Гийом Willy Уилл | Bill Will Billy
    Билли Willie
Роберт Роберто Роберте Robbert | Bob Rob Bobby Бобби Robin
Рихард Richard Ricardo Рикардо Риккардо Riccardo Rikard Ришар | Rick Рик Dick Ricky Richie
Карл Carl Charles Чарльз Шарль Карлос Carlos Carlo Карло Karel Károly Karol | Charlie Чарли
Генрих Heinrich Henry Генри Henrik Хенрик Henri Анри Enrique Энрике Enrico Энрико Хайнрих Hendrik Хендрик Генрик
    Henryk | Harry Гарри Heinz Heiner Хайнц
Фридрих Friedrich Frederick Фредерик Федерико Federico Frédéric Fredrik Fryderyk | Fred Fritz Фриц
Людвиг Ludwig Луи Louis Луис Льюис Lewis Luigi Луиджи Ludvig Людовик Ludovic Luiz
Франц Franz Френсис Francis Франческо Francesco Франсиско Francisco Francois Франсуа Франциск Franciszek Frantisek
    Франтишек Ференц Ferenc Franc | Frank Фрэнк Пако Paco Paquito
Георг Йорг Jörg Хорхе Jorge Жорж
Эрих Erich Эрик Eric Eirik
Вальтер Walter Уолтер Вольтер
Альберт Альберто Альбер Albrecht Альбрехт | Bert
Альфред Альфредо Alfredas | Alf
Арнольд Арнольдо Арно Arnaud
Артур Arthur Arturo Artūrs Arturas
Август Augustus August Аугусто Огюст Augustin Августин Агустин Auguste
Рудольф Rudolph Rodolfo | Rudi
Адольф Adolph Adolfo
Эммануил Emmanuel Emanuel Manuel Immanuel Имануил Emanuele Емануил | Manny
Рафаил Рафаэль Raphael Raffaele Rafaelo
Христофор Christopher Кристофер Кристоф Christoph Christophe Кристобаль Cristobal Krzysztof Кшиштоф Христо Hristo
    Kristoffer | Chris Крис
Христиан Christian Кристиан Cristian Krystian Cristiano Криштиану Кристьян
Себастьян Sebastian Sébastien Sebastiano Sebastião
Патрик Patrick Патрисио Patricio Патрицио Padraig | Pat
Эдмунд Edmond Эдмон
Винсент Vincent Винсенте Vicente Викентий Винцент Vincenzo Винченцо Винцас
Филемон Philemon
Юрген Jürgen Jorgen Йорген
Мартин Мартен Мартын Martino Мартинс Márton
Никодим Nicodemus
Бенедикт Benedict Бенедетто Benito Benoit
Бернард Бернардо Бернар Bernhard Бернхард
Доминик Dominic Доминго Dominique Domenico Доменико
Фердинанд Фернандо Fernand Фернан
Хосе Жозе Jose | Pepe
Рауль Raoul
Рамон Раймонд Рэймонд Раймон Raimund Raimundo | Ray Рэй
Ален Alain Алан Аллан Allen
Оскар Oscar
Отто Оттон
Оливер Olivier Оливье
Мухаммад Мухаммед Магомед Магомет Мухамед Мохаммед Мохаммад Мохамед Мохамад Мухаммет Мамед Мемет Мехмет Магамед
    Махомед Махамад Махаммад Muhammad Mohammed Mohamed Mohammad Mahomed Mehmet Mehmed Muhammed Mohamad Muhamed Mahamat
    Mohamud Мохамуд Mamadou Muhammadu Muhamad Mouhamed Mouhamadou Mahamed Мамаду Muhammet Мухамад Мукамед Мухамет
    Muhamet Məhəmməd Махмад Maxamed Маммад Muxammad Мухаммади Mohd Мохд Махомет
Ахмед Ахмад Ахмет Ахмат Ахмадбек Ahmed Ahmad Ahmet Ehmed Ахамад Ahmadu Amadou Амаду Ahamed Axmed Axmad Ехмед Ahmadou
    Ahamad
Махмуд Махмут Махмет Маммуд Mahmoud Mahmud Mahmood Mahmut Mahmoed Mehmood Mehmud Mahmudu Махмад Махмудджан Maxmud
    Mammadou
Хамид Гамид Hamid Hameed Hamed Хамед Хамит Hamide Хомид Hamit Гамет
Хамад Hamad Hammad Хаммад
Хасан Хассан Гасан Hasan Hassan Хасанбек Asan Hassane Хасане Hacène Гассан Хосан Xasan Hesen Ласан Хысан
Хусейн Хусайн Хусаин Хуссейн Хосейн Гусейн Гуссейн Гусеин Хюсейн Хусен Хусеин Усейн Усен Hussein Hussain Hossein
    Husayn Husain Hosein Husein Hoseyn Houssein Huseyin Husseyn Хусан Husen Hossain Hussien Hocine Хоссейн Hüseyn
    Husseini Housseyn Xusayn Хоссаин Oussein Houcine Хусин Hossien
Али Алий Aly Алиу Aliyu Эли Алли Aliou Алю
Абдулла Абдуллах Абдалла Абдаллах Абдулло Абдуло Абдула Абдоллах Abdullah Abdallah Abdollah Abdullahi Abdoulaye
    Абдулай Abdulahi Abdillahi Abdellah Abdila Абдилла Abdolah Абдулах Абделлах Абдулаи
Абдурахман Абдуррахман Абдулрахман Абдрахман Абдурахмон Абдиррахман Абдулрахмон Абдарахман Abdurrahman Abdulrahman
    Abderrahmane Abdelrahman Abdurahman Abdirahman Abdolrahman Abdourahmane Abdelrahmane Abdrahman Абдельрахман
    Abdulrehman Abdiraxman Abdalrahman
Абдурашид Абдуррашид Abdulrashid Abdirashid Abdelrashid
Абдурразак Абдураззак Абдулразак Abdulrazzaq Abderrazak Abdelrazek Abdirizak Abdirazak Abdurrazzaq
Абдулазиз Абдельазиз Абдельазис Abdiaziz Abdolaziz Abdalaziz Abdoulaziz
Абдулкадир Абдулкадыр Абделькадер Абдукадыр Абдукодир Abdulqadir Abdulkader Abdiqadir Abdolqader Abdikadir Abdukadir
    Abdulgadir Abdulqader Abdalqadir
Абдулкарим Абдукарим Абделькарим Abdikarim Abdolkarim Abdulkareem Abdelkrim Abdalkarim
Абдуллатиф Абдулатиф Абделлатиф Abdollatif Abdullatef
Абдулгани Абдугани Abdulghani Abdelghani Abdelgani Abdolghani
Абдулмалик Абдумалик Абдельмалек Abdelmalik Abdolmalek
Абдулмаджид Абдулмажид Абдельмаджид Abdulmajid Abdelmajid Abdulmajeed Abdolmajid Abdülmecit Abdulmecid Abdelmadjid
Абдулхаким Абдельхаким Абдухаким Abdulhakim Abdelhakim Abdulhakeem Abduhakim Abdihakim Abdolhakim
Абдулхамид Абдельхамид Абдулгамид Abdulhamid Abdelhamid Abdulhameed Abdolhamid Abdülhamit Abdihamid
Абдулсалам Абдусалам Абдуссалам Абдулсалом Abdeslam Abdessalam Abdulselam Abdisalam Abdusalom
Абдулвахид Абдельвахид Abdulwahid Abdelwahid Abdulwahed Abdolvahed Abdülvahit
Абдулвахаб Абдулваххаб Абдельваххаб Abdulwahab Abdelwahab Abdolvahab Abdulvagab Abdulwahhab Abdelouahab
Абдулджаббар Абдулджабар Абдужаббор Abduljabbar Abdeljabbar Abdujabbor
Абдулбаки Abdulbaqi Abdelbaki
Абдулхалик Abdulkhaliq Abdelkhalek Abdulhalik Abdolkhalegh
Абдунасир Абдулнасер Абдельнасер Abdulnasser Abdelnasser Abdennacer Абдулнасир
Насер Насир Наср Nasser Nacer Носир Насыр Nassir
Умар Омар Омер Умер Гумар Oumar Oumarou Umaru Umaro Омор Humar
Усман Осман Усмон Османбек Гусман Оспан Uthman Othman Ousmane Ottman Othmane Otman Osmon Uthmaan Osmane Osmanu Эсман
    Ұтман Cusmaan Усманбек
Усама Осама Ossama Oussama Usamah Ousama Осамах Уссама
Халид Халед Халит Halid Halit Holid Холид Khalidu Xalid Kaled
Рашид Рашит Рашед Rachid Rasheed Raşit Рошид Reşid Rashiid
Рахман Рахмон Рахманбек Rahman Rehman Rahmon Rahmaan
Рахим Raheem
Карим Керим Kareem Krim Карым Карем
Халил Khaleel Halil Холил Khelil Xalil Calil Galil
Джамал Жамал Гамаль Жамол Джемал Jamal Djamal Jamaal Cemal Джамол Camal Jamol Djamel Джамель Jemal Чамол
Джамиль Жамил Jamil Jameel Djamil Cemil Gamil Camil
Камал Кемаль Kamaal Kamel Камол
Муслим Moslem Муслимбек Moslim Muslem Muslum
Мустафа Мостафа Мустапа Mustapha Moustafa Moustapha Mostapha Mustafo Mustopha Мустафе
Муртаза Муртазо Мортеза Murtadha Murtada Мортаза
Мурад Мурат Мурод Mourad Morad Мурадбек Morat Маурад Мырат
Муслимат Муслима Муслимахон
Мансур Мансор Mansour Mansoor Мансурбек
Масуд Масгуд Masoud Massoud Masood Messaoud Mesud Mesut Масут Massud
Маруф Marouf Maarouf Marof
Мубарак Мобарак Mubarek Moubarak Мубарик
Мухтар Мохтар Мухтор Muhtar Moktar Muktar Makhtar Мохтор
Мухсин Мохсен Мухсен Muhsin Mohsen Mohsin Mochsin Мохсин Muhsen
Маджид Мажид Majid Majeed Mecit Macit Madjid Магид Medzhid
Маджед Maged Majed
Набиль Nabeel Nebil Набель
Наджиб Нажиб Najib Nagib Najeeb Necip Nadjib Naguib Neguib
Надир Надер Нодир Nadeer
Надим Nadeem Nedim
Назим Назым Nazem Nadhim
Низам Nezam Nidham Низом
Наиль Nael Naeel
Нурулла Нурулло Нуралла Nurullah Nourallah Noorullah Nurollah Nourullah
Нуретдин Нуреддин Нуруддин Нуриддин Нурдин Нурддин Noureddine Nourredine Nurettin Nooruddin Nouraddin Nooraldin
    Nuraddin Noureddin
Омид Умид Умед Oumid Умит
Рамазан Рамадан Рамадон Рамзан Рамазон Ramadhan Ramadane Ramdan Ramdane Ramadaan Ramzon
Ризван Редван Ridwan Redouane Redwan Rizwan Ridvan Radwan Редуан Рыдван Ridouan Radouane
Реза Риза Ризо Rida Ridha Ridah
Руфат Рифат Рафат Refat Rifaat Refaat Raafat
Сабир Собир Saber Sabeer Sabri
Садык Садик Содик Сидик Sadiq Sadegh Sodiq Sadyq Sadeq Садег Садыг Sadig Sıddık Siddiq Seddik
Саид Саед Saeed Sayid Saied Saeid Сейид Саййид Seyit Сеит Сеид Sayed Sayyed Seyed Sayeed Сайд Сийид Саидбек
Салех Салих Солих Saleh Salih Salehi Солех Salich Salihu Сали
Салах Салох Salaah
Салахуддин Салахутдин Салахетдин Саладин Салахаддин Salahaldin Selahattin Saleheddin Saladdin Salaheddine Salaheddin
    Салохиддин
Салим Селим Солим Saleem Salem Selem
Салман Солмон Selman Салмон Salmaan
Самир Семир Sameer Samer Сомир
Сафар Сафер Сапар Сефер
Сафиулла Safiullah Сафиуллах Safiollah
Саддам Саддом Sadam Seddam
Талал Таляль Тилал
Талиб Толиб Taleb Talip
Тахир Тагир Тохир Даир Tahir Taher Tohir Тахер Tair Tohirjon
Тарик Тарек Торик Тарык Tariq Tareq Toriq Tarique
Тауфик Товфик Тофик Tawfiq Toufik Tevfik Tawfik Toufic Taoufik Towfiq Тофиг Tawfeek
Фарид Фарит Ферид Fareed Ферит Fereed Forid
Фарук Фарух Farouk Farooq Faruq Faroque Farouq Faroog Омарфарук Forouq
Фаррух Фарух Фаррухбек Faruh Farrokh Форрух Farroukh
Фатих Фатых Fatih Fateh Фатех
Файзулла Фейзулла Файзуллах Faizullah Faizulla Feyzullah Fayzullo Fazullah
Фахруддин Фахретдин Фахраддин Fakhreddin Fahrettin Fakhriddin Fakhradin Fahreddin
Фейсал Файсал Файзал Faisal Feisal Faisel Fayçal Faizal Feysel Fayssal
Хабиб Хабибулла Habib Habeeb Hbib Хабиббек Gabib Khabeeb
Хабибулла Хабибулло Хабибуллах Habibullah Habiballah Habibollah Габибулла Habibulla
Хаким Гаким Hakim Hakeem Хоким Hekim Hakem Hokim
Хамза Гамза Хамзат Hamza Hamzah Hamsa Hamze Hamzeh Хемза
Хатам Хотам Хатим Hatem Hatim Hatam Hotam Гатам
Хизир Хизр Хызыр Хедр Хизри Hızır Khidr Kheder Khidir Khadr
Шамиль Chamil Şamil Schamil Шомил
Шариф Шарип Шериф Шароф Shareef Cherif Şerif Sharef Шарифбек Шерип
Шарафутдин Шарафуддин Шарафиддин Şerafettin Charafeddine Sharafeddin
Шамсуддин Шамсутдин Шамсетдин Шамсиддин Chamseddine Şemsettin Shamsaddin Шемсеттин Shamsaldin
Шихаб Шихоб Shihab Chihab Shehab Shahab Shihob Шахаб
Хайруллах Хайрулла Хайрулло Khairullah Hayrullah Khairulla Kheirollah Khairullo
Хайретдин Хайруддин Хайриддин Khairuddin Kheireddine Hayrettin Khairiddin Khairetdin Kheyreddin Хайрутдин
Зайнулла Зайнуллах Zainullah Zeynullah Zainulla
Зайнутдин Зайнуддин Зайниддин Zainuddin Zeynuddin Zineddine Zainiddin Zainutdin Зейнаддин
Захид Захед Зохид Zahid Zahed Zohid Zaheed
Захир Зохир Захер Zahir Zaher Zaheer Zohir Дахир
Зияд Зиед Ziad Zeyad Ziyod Ziead Zijad
Зия Зийо Zia Zija Dia Дия
Зияутдин Зиёвуддин Зияуддин Ziauddin Ziaeddin Ziyaddin Ziyovuddin Ziaddin
Зуфар Zoufar Zofar
Иззатулла Иззатулло Izzatullah Ezatollah Izatulla Ezzatullah Ezatullah
Ильхам Илхом Эльхам Ilham Elham Ilhom
Имам Эмам Имом Iman
Ислам Эслам Ислом Исламбек
Исмат Исматулла Esmat Исматулло Ismet Esmatullah Ismatullah
Исраил Исрофил Israel Israfil Esrafil Isroil Izrail Israyil Исрапил
Бахтияр Бахтиёр Бахтиар Bakhtiyor Bahtiyar Bahtiyor Бактияр Bakhtiyer Baxtiyor Бактыяр
Бахадур Баходур Баходир Бахадыр Bahadur Bahodir Bahadır Багатур Bahodur
Баходиржон Баходирджон Bahodirjon Bakhodirjon
Башар Башшар Bachar Beşar
Башир Бешир Бошир Bachir Basheer Beşir Bashiir Бащир
Билал Биляль Белал Билол Bilel Bellal
Бурхан Бурхон Борхан Burhan Borhan Bourhan Burhon Бурган
Бурханутдин Бурхануддин Бурхониддин Burhanuddin Burhanettin Burhoniddin Borhanuddin
Вагиф Вакиф Vaqif Wakif
Вахид Вохид Вагид Вахит Уахид Wahid Vahid Wahed Vohid Вахед Waheed Vahit Ouahid
Вали Валий Wali Veli Waly Ouali
Валид Уалид Велид Walid Waleed Oualid Ульид
Гани Ганий Ghani Gany
Гафур Гафар Гафор Ghafur Ghafour Ghaffur Gofur Гаффор Ghafoor Gafour Gapur
Гаффар Гафар Ghaffar Ghafar Гаппар Abdulgaffar
Гулям Голам Гулом Гулам Ghulam Gholam Ghulom Golyam
Дамир Демир Damer
Джавад Джавид Жавод Javad Jawad Cavad Javid Javod Djavad Жавад Cevat Gawad Cevad Човид Чавод
Джалал Жалол Джалол Jalal Galal Jalol Celal Djalal Жалал Calal Джелал Чалол
Джалалуддин Джалалутдин Жалолиддин Джалолиддин Jalaluddin Jalaladdin Jaloliddin Celalettin Jalaleddin Djalaleddine
    Жалалиддин Чалолиддин
Джафар Джаффар Жафар Жапар Jafar Jaafar Djafar Cafer Gaafar Jaffar Djaffar Djaafar Jaffer Cəfər Джапар Jafer
Дильшод Дильшад Dilşat Dilxushod
Жумабек Джумабек Jumabek
Жума Джума Jumah Juma Jumaa Cuma Gomaa Jomaa Djouma Gumaa Joumaa Чума
Зелимхан Зелимхон Zelimhan Зелимкхан Selimkhan
Кадыр Кадир Кодир Гадир Qadir Qodir Qader Kader Ghadir Gader
Касым Касим Касем Косим Гасым Qasim Qassim Qasem Kassem Gasim Ghasem Qosim Kassim Gassim Qassem Casim Касум Kacem
Латиф Лятиф Letif Lateef Lotfi Latyf Лятыф Latef
Лутфулла Лутфулло Лотфолла Lutfullah Lotfollah Lutfallah
Малик Мелик Молик Малек Maliq Malick Maalik
Мехди Махди Магди Мехти Mehdi Mahdi Mehti Mahdy Mehdy Мехтий Махдий
Музаффар Мозаффар Музафар Muzaffer Mudhaffar Muzafer
Мумин Момен Мумен Momin Moumen Моумин Moomin
Парвиз Первиз Парвез Pervez Parwiz Pervaiz Parvaiz
Рауф Рауп Raouf Rauph Raoof Рауфбек
Рафик Рафиг Rafiq Rafic Rafeeq Рефик Rofiq
Рахматулла Рахматулло Рахматуллах Рахматуллоҳ Rahmatullah Rahmatullo Rahmatollah Rahmetullah Rahmatulla Рахматилла
Рустам Рустем Rostam Rustum Рустамбек Ростом Рустамджон
Сайфулла Сайпулла Сейфулла Сайфулло Сайфуллах Saifullah Saifulla Seyfullah Sayfullah Saipulla Saifullo Seifollah
    Sefullah Saypullo
Сайфутдин Сайфуддин Сайфиддин Saifuddin Seyfettin Saifeddine Saifiddin Seifeddine Seyfeddin Saifaldin
Турсун Дурсун
Убайдулла Убайдулло Обайдулла Убайдуллах Ubaydullah Obaidullah Ubaidullah Obaydullah Ubaidulla Ubeydullah Oubeidullah
Улугбек Улукбек Ulughbek
Фазыл Фазил Фадил Фодил Fadhil Fadel Fazel Fozil
Хайдар Гейдар Хейдар Айдар Хайдер Haydar Haidar Heydar Haider Hayder Heidar Khaidar Haidara Heider Haydir Гайдар Hyder
Хикмат Хикмет Hikmat Hikmet Hekmat Хекмат Hekmet
Хикматулла Hikmatullah Hekmatullah Hikmatullo Khikmatullo
Ходжа Хаджи Гаджи Хожа Хажи Гажи Haji Hajji Khodja Hadji Hoca Khoja Hadzhi Hodja Hoja Khaji Гаджий Hacı Xoja Gadji
    Kazhi Хаджа Хоча
Шахбаз Шахбоз Shahbaz Shahboz Şahbaz Chahbaz
Шукрулла Шукрулло Шюкрю Shukrullah Shokrollah Şükrullah
Эльдар Эльдор Elder Ильдар
Эльчин Elçin Eltchin Ильчин
Эмин Амин Ameen Amine Имин Omin Ameenu
Амир Эмир Омир Ameer Amer Amyr Амирбек Emyr Аамир
Анвар Анвер Энвер Анвор Anwar Anwer Anouar Энвар Anuar Онвар
Арслан Аслан Арыслан Arsalan Арслон Аслон Arsalane Арслонбек Рислан Руслон
Асад Асед Аъзам Assad Asaad Эсад Esat Asd Assaad | Eso
Ашраф Ашроф Ашрап Achraf Eşref Эшреф Ashref
Азам Агзам Aazam
Азамат Азамет Azemat Азимат
Азиз Азис Azeez Asiz Эзиз Азизбек
Азим Азем Азым Azeem Azeim Адхим
Ариф Ориф Арип Aref Arief Аареф
Атаулла Атоулло Атауллах Ataullah Ataollah Atoulla Атталла Attaullah Атаолла
Аятулла Ayatollah Ayatullah Oyatullo Аятоллах
Шоди Шади Chadi
Шавкат Шаукат Шовкат Шевкет Shawkat Chawkat Şevket Chaoukat Shawqat
Шухрат Шохрат Шохрет Shuhrat Shohrat Şöhrat
Фирдавс Фирдаус Фердоус Firdous Ferdows Firdevs
Фируз Фирюз Фероз Фирузбек Firouz Feruz Firuze Firooz Feroze Пируз
Хуршид Хуршед Хоршид Hurşit Hurshid Xurshid Hurshed Khursheed
Хушнуд Xushnud Hushnud
Джахангир Жахонгир Жахангир Джахонгир Jahangir Jahongir Jehangir Cihangir Cahangir Djahangir Jakhongir Jakhangir
    Жангир Чахонгир
Жасур Джасур Jasur Casur Jasour
Шерзод Шерзад Shirzad Шерзот Shirzod Schirzad
Фархад Фарход Ферхат Farhad Farhod Ferhat Ferhad Фархат Farhat Pharhad
Хосров Хусрав Хосроу Khosrow Khosro Hüsrev Khusraw Khosroe Хусрау
Бахрам Бахром Бехрам Bahram Bahrom Behram Bahraam
Бехзод Бехзад Бекзод Behzad Behzod Бехзот
Дониёр Данияр Doniyor Daniar Доньёр Danijar Danyor Doniar
Нодирбек Надирбек
Тулкин Тулкун Tolkin To'lqin Tulqin
Отабек Атабек Atabeg Otabeck
Сардор Сардар Serdar Sardaar
Шохрух Шахрух Шахрох Shahrukh Shohruh Shahrokh Şahruh Shahroukh Shahrux Shohrukh
Раджаб Ражаб Раджап Рачаб Rajab Ragab Rajap Recep Receb Rejeb Rexhep
Зафар Zafar Zaffar Zaffer Zafer
Джабир Джабер Jabir Jaber Gaber Gabir Djaber Жабир
Джаббар Джаббор Жаббар Жаббор Чаббор Jabbar Gabbar Djabbar Jabbor Cabbar
Джалил Жалил Чалил Jalil Djalil Celil Jaleel
Маджди Majdi Magdi Magdy Majdy
Наджм Najm Nagm Nadjm
Сирадж Siraj Serag Sirag Seraj
Фарадж Faraj Farag Faradj
Хаджадж Hajjaj Hagag Haggag Hajaj Hadjadj
Аджами Ajami Agami Adjami
Равшан Равшанбек Ровшан Ravshan Rovshan Ravshanbek
Wenceslao Wenceslas Wenceslaus | Wencho Wences
Джамшид Жамшид Жамшед Джамшед Jamshid Jamshed Cemşit Djamchid Cemşid Jamsheed Чамшед Чамшид
Искандарбек Iskenderbek
Эргаш Ergesh Эркаш
Кубанычбек Кубанычпек Kubanichbek
Нурлан Нурланбек Nourlan Norlan
Нурсултан Noursultan Нурсолтан
Нурмухаммад Нурмагомед Нурмухаммед Нурмухамед Нурмамед Nurmuhammad Noormohammad Nurmohammad Nurmammet Нурмамат
    Nurmuhammed Нурмахмад Nurmahmad
Гаджимурад Хаджимурат Хаджимурад Хажимурат Hajimurad Khadjimurat Hacımurat
Магомедрасул Мухаммадрасул Muhammadrasul
Шейх Шайх Шех Sheikh Cheikh Shaikh Sheik Şeyh Шайхи Cheick
Шах Шо Shah Chah Şah Schah
Абубакар Абубакр Абубакир Абукар Абубекир Абубекер Aboubacar Aboubakar Ebubekir Aboubaker Aboubakr Abubaker Бубакар
    Boubacar Boubaker Абобакр Абобакир
Абдо Абду Abdou Abdi Абд Abdul Abdel Abdal Abdol Abdoul
Зейн Зайн Zain Zein Zine Зин Зейнал
Зайнал Зейнал Зейнеп Zainal Zeinal
Зульфикар Зульфугар Зулфиқор Zulfiqar Zolfaghar Зульфукар Zulfiqor Zulfigar Dhulfiqar Zulfuqar
Идаят Хидаят Хидоят Hidayat Hidoyat Hedayat Hidayet Hedayet Гидаят
Хидаятулла Хидоятулло Hidayatullah Hedayatullah Hedayatollah Hidayetullah
Инаятулла Иноятулло Inayatullah Enayatullah Enayatollah Инаятуллах
Захируддин Захиреддин Zahiruddin Zahireddin Zakhiriddin Zaheeruddin
Бадруддин Бадреддин Badreddine Badriddin Bedreddin Bedrettin Badraddin
Алауддин Алаутдин Алаэддин Aladdin Alaaddin Alaeddine Алавдин Alladin Алоуддин Аловуддин
Таджуддин Тажутдин Тожиддин Таджутдин Tajuddin Tadjuddin Tojiddin Taceddin Tacettin Таджиддин Tajiddin Точиддин
    Точидин
Камалутдин Камолиддин Камалуддин Камалетдин Kamalettin Kemalettin Kamaladdin Kamaleddin
Насрулла Насруллах Насрулло Nasrullah Nasrallah Nasrollah Насралла Насралах
Насреддин Насруддин Насриддин Насретдин Nasrettin Nasireddin Nassreddine Nasirdin Насирддин Nasiruddin Nasiriddin
    Nasiraddin
Низамутдин Низамуддин Низомиддин Nizamettin Nezamuddin Nizamaddin Nezameddin
Имадуддин Имадеддин Emaduddin Emadeddin Imadaddin İmadettin
Имад Эмад Imed
Ихсан Эхсан Ихсон Ihsan Ehsan Ihson Iksan Ixson
Иршад Эршад Irshod
Самандар Самандор Samender Somandor
Газанфар Qazanfar Ghazanfar Ghazanfer
Казим Кязим Козим Kazem Kazım Kadhim Kadhem Kadhum Kadum
Хафиз Хофиз Hafez Hafidh Hafedh Hafiez
Назир Нозир Nazeer Nadhir Nadheer
Рияз Рияд Riyadh Riad
Мунзир Monzer Mundhir Munther Munthir Mundher Monther
Хузайфа Huzaifah Hudhayfa Hudhaifa Huthaifa Hozaifa Hothaifa
Муаз Муъаз Moaz Muadh Muath Moath Moadh
Мухлис Мохлис Mokhles Mukhles Mokhlis
Гияс Гиёс Ghiyath Ghias Ghayath Gheyas Ghiath
Харис Хорис Harith Hares Hareth
Лейс Лайс Laith Leith Leyth
Мусанна Muthanna Mothana Musanna
Асир Athir Atheer
Сабит Собит Thabit Thabet Sabet
Убайда Обейда Ubaydah Obaida Obeida Obayda Ubeyda
Убайдулла Обейдулла Ubaydullah Obaidullah Obeidullah Ubaidulla
Мазхар Мазхер Mazher Madhar
Гийасуддин Гиясуддин Гиёсиддин Ghiyathuddin Ghiasuddin Giyasettin Ghiyasuddin
Бисмилла Bismillah Besmellah
Хафизулла Хафизулло Hafizullah Hafeezullah Hafidhullah Hafezullah
Азхар Azhar Adhar Azher
Зафир Zafir Dhafir Dhafer Thafer
"""

FEMININE = """
Александра uk:Олександра be:Аляксандра Alexandra Aliaksandra Alessandra Alejandra Alexandrine | Саша Шура
Анастасия uk:Анастасія be:Настасся be:Анастасія Anastasia Anastasija Anastasiia Nastassia | Настя Ася Стася
Анна uk:Ганна be:Ганна Hanna Anne Ann Ana Hannah Ханна Энн | Аня Анюта Нюра Annie Anita Ганя
Ангелина uk:Ангеліна be:Ангеліна Анжелина Анджелина Angeline | Лина
Анжела uk:Анжела be:Анжэла Ангела Анджела Анжелика Angelika Angelica Angelique
Антонина uk:Антоніна be:Антаніна Antonia Антония Antonietta | Тоня
Валентина uk:Валентина be:Валянціна Valentyna Valiantsina Valentine | Валя
Валерия uk:Валерія be:Валерыя Valeria Valerie Valeriia Валери Valeryia | Лера
Варвара uk:Варвара be:Варвара Barbara | Варя
Василиса uk:Василиса be:Васіліса Vasylysa
Вера uk:Віра be:Вера Wera
Вероника uk:Вероніка be:Вераніка Veronica Véronique Weronika | Ника
Виктория uk:Вікторія be:Вікторыя Victoria Viktoria Viktoriia Viktoryia Wiktoria | Вика
Галина uk:Галина be:Галіна Halyna Halina Galyna | Галя Halya
Дарья uk:Дарія uk:Дарина be:Дар'я Daria Dariia Daryna Dasha
Диана uk:Діана be:Дыяна Dyana Diane Дайана
Ева uk:Єва be:Ева Eve Ewa
Евгения uk:Євгенія be:Яўгенія Evgenia Yevgenia Eugenia Yevheniia Yauheniya Eugénie Jevgenija Ievgeniia | Женя
Евдокия uk:Євдокія be:Еўдакія Evdokia Yevdokia Авдотья Eudokia | Дуня
Екатерина uk:Катерина be:Кацярына Yekaterina Kateryna Katsiaryna Catherine Katarina Katharina Catarina Caterina
    Jekaterina Кэтрин Catalina Каталина Ekaterini Katherine Katarzyna Эйкатерини Кэтерин Kathryn | Катя Катюша Kate
    Кейт Katia Katie
Елена uk:Олена be:Алена Yelena Helena Хелена Helen Хелен Hélène Elene Jelena Ielena Ilona Alyona Эллен | Лена Лёля
Елизавета uk:Єлизавета be:Лізавета Elizabeth Элизабет Elisabeth Yelyzaveta Elisabetta Elżbieta Isabel Isabella
    Изабелла Изабель Elisaveta Эльжбета | Лиза Lisa Betty Beth
Жанна uk:Жанна be:Жанна Jeanne Janna Иоанна Жанн
Иоанна Джоанна Йоханна Joanna Johanna Joana Joan
Зинаида uk:Зінаїда be:Зінаіда | Зина
Зоя uk:Зоя be:Зоя Zoe Zoia Зои
Инна uk:Інна be:Іна
Ирина uk:Ірина be:Ірына Irene Irena Yaryna Айрин Irini Eirini | Ира
Арина uk:Ярина Aryna
Карина uk:Каріна be:Карына Carina Карине
Кристина uk:Христина be:Крысціна Christina Khrystyna Кристин Christine Cristina Krystyna Christiane Hristina Kristine
Ксения uk:Ксенія be:Ксенія Ксенья Xenia Ksenia Ksenija Kseniia Аксинья Xeniya
Лариса uk:Лариса be:Ларыса Larissa Лара
Лидия uk:Лідія be:Лідзія Lidia Lydia Lidiia Lidija Лидья Lydie | Лида
Любовь uk:Любов be:Любоў Liubov Lubov Liubou Ljubov Lioubov | Люба Luba
Людмила uk:Людмила be:Людміла Ludmila Liudmyla Liudmila Ljudmila Ludmilla Lioudmila | Люда Люся Мила
Маргарита uk:Маргарита be:Маргарыта Marharyta Margaret Margarethe Marguerite Małgorzata Margareta Margherita Маргарете
    Margrethe | Рита Maggie Марго
Марина uk:Марина be:Марына Marine Marinela
Мария uk:Марія be:Марыя Марья Maria Mary Мэри Marija Marie Мари Mariia Maryia Mariam Мириам Марьям Mariyam Maryama
    Meryem Мерьем Myriam Maryem Mariem Майрам Mairam Merjem Mariama Моррьям | Маша Маруся Машенька
Надежда uk:Надія be:Надзея Nadia Nadejda Nadja Nadiia Nadzieja Nadzeia Nadine Надежа | Надя
Наталья uk:Наталія uk:Наталя be:Наталля Natalia Natallia Natalie Nataliia Natalja Nathalie Наталі Natalija | Наташа
    Ната
Нина uk:Ніна be:Ніна Ninel
Оксана be:Аксана Oxana Roksana
Олеся uk:Леся uk:Олеся be:Алеся Olesia Alesia Lesia
Ольга uk:Ольга be:Вольга Olha Volha Olja Helga Хельга | Оля
Полина uk:Поліна be:Паліна Pauline Полин Paulina Paula Pavlina Апполинария Аполлинария | Поля
Раиса uk:Раїса be:Раіса Raissa Raysa | Рая
Регина uk:Регіна be:Рэгіна Régine
Светлана uk:Світлана be:Святлана Sviatlana Swetlana | Света Лана
Серафима uk:Серафима be:Серафіма Seraphima
Снежана uk:Сніжана be:Сняжана Snezana Sniazhana
Софья uk:Софія be:Соф'я Sofia Sophia Sophie Sofiia Софи Sofija Zofia Zofja | Соня Sonja Соне
Стефания uk:Стефанія be:Стэфанія Stefania Stephanie Степанида Stefanie Стефани
Тамара uk:Тамара be:Тамара Tamar | Тома
Татьяна uk:Тетяна be:Таццяна Tatiana Tetiana Tatsiana Tatjana | Таня Tania Tanja
Ульяна uk:Уляна be:Ульяна Uliana Juliana Юлиана Uljana Джулиана Iuliana
Элеонора uk:Елеонора be:Элеанора Eleanor Eleonore Элеонор Элинор
Эльвира uk:Ельвіра be:Эльвіра Elvyra Эльвера
Эмилия uk:Емілія be:Эмілія Emilia Emily Эмили Amelia Амелия Emilie Emilija
Юлия uk:Юлія be:Юлія Юлья Yulia Julia Джулия Yuliia Iuliia Julija Juliya Julie Жюли Джули Giulia Ioulia
Яна uk:Яна be:Яна Jana Iana
Агата Agatha Агафья Agathe
Агния Agnia Agnes Агнешка Agnieszka
Алиса Alice Алиша Элис Alicia Алисия Alicja
Камилла Камила Camilla Camille Камилля Kamilya
Каролина Caroline Carolina Кэролайн Carolyn Каролине
Клавдия Klavdia Claudia Клаудиа Клаудия
Луиза Louise Луиз Луиса Louisa
Лаура Лора
Магдалина Magdalena Madeleine Мадлен Madalina
Марта Martha Марфа
Моника Monica Monique
Патриция Patricia Патрисия Patrizia Patrycja
Рахиль Rachel Рейчел Рахель Rahel Raquel
Роза Rosa Rose Роуз
Сара Sarah Сарра Сора Саро
Сильвия Silvia Sylvia Sylvie
Тереза Teresa Theresa Therese Терезия
Фёкла Thekla
Фатима Фатма Фатимат Патимат Патима Фотима Fatimah Fatemeh Fatema Fatoumata Фатемех Fatoum Fatme Phatima Fatimatou
    Fatmata Fatime Фатимет
Аиша Айша Ойша Айшат Айшет Ашат Айше Aishat Aicha Ayesha Ayşe Aischa Aishah Aissatou Aichatou Ayisha Aysat Aisyah
Хадиджа Хадижа Хадижат Хадича Khadija Khadijah Hatice Khadidja Hadija Kadija Xadicha Хатидже Hadiza Хадиджат Khadijat
    Khadeeja Кадиджа Kadidja Hadiya Хатиджа
Зайнаб Зейнаб Зейнеп Зайнап Зайнабу Zainab Zeinab Zineb Zaineb Zenab Zainap Зинаб
Амина Эмине Омина Аминат Ameena Aminah Aminata Amine Аминет Aminatou
Асма Асмаа Esma Asmah
Асия Асият Асья Assia Asia Asiyah Асиет Осия
Гульнара Гулнора Gulnar Гюльнара
Гулназ Гулноз Гюльназ
Дилором Диларам Дилорам
Зарема Зарима
Зухра Захра Зехра Zuhra Zahra Zahraa Zehra Zohra Зохра Zohreh Зара Zohre
Лейла Лайла Лейля Ляйля Leila Laila Leilah Lejla Ляйла Laylo Лайли Leyli
Мадина Медина Madinah Мадинат Medine
Малика Мелике Maliqa Maleka
Муслимат Муслима
Наргиза Наргис Нергиз Narges Наргиз Nargez
Нигора Нигара Нигяр Nigar Негар
Нурия Noura Нура Nuria Нурие Nouria Nuriye Nurija
Раиля Рахиля Raila
Рахима Rahima Raheema Рахимат
Рукия Рукият Рукайя Ruqayya Roqayeh Rokia Ruqaya Rukiye Rokaya Рукаят Роккия Ruqayyah Рокия
Сабина Sabine
Салима Селима Saleema Солима
Самира Семира Sameera Samirah
Сания Сание Sania Sanija Saniye Сония
Севара Севора
Сумая Сумайя Сумея Soumaya Sümeyye Soumaia Сумаия Sumaia Sumayyah
Халима Галима Halima Halimah Haleema Халимат Halimatou Halime Holima
Хава Ева Хауа Hawa Hava Havva Hawwa Хаува
Шахноза Шахназ Shahnoza Shahnaz Şehnaz Chahnaz Schahnaz
Ясмина Ясмин Jasmine Yasemin Жасмин Jasmin Yasmine Джасмин Jasmina Yasaman
"""

FAMILIES = """
Ким Gim Khim
Ли Lee Yi Ri Rhee Лий Lie Рхи Ree
Пак Park Bak Pack
Чой Цой Choi Choe Tsoi Чхве Чхой Tchoi
Чон Jung Jeong Chong Joung Chung Чжон Jong Jeon Cheong Чун
Чо Jo Joe Джо Чжо Joh
Кан Kang Gang Ган Khang
Юн Yoon Youn Юнн Yune
Чан Jang Chang Zhang Чжан Tchang Джанг Cheung
Лим Im Rim Yim Leem
Хан Han Hahn
Син Shin Shen
Со Seo Suh Суо
Квон Kwon Gwon Kweon Квён
Хван Hwang Whang Хуан Huang Wong Хуанг Hoang Hwong Хоанг
Ан Ahn
Сон Song Sung Сун Sohn
Ю Yoo You Liu Ryu Lyu
Хон Hong Хонг
Ко Go Koh Goh Kho Коу
Мун Moon Муун
Ян Yang Ryang Jang Yeung Рян
Пэ Bae Pae Bai Baek Paek Baik Пэк Бэк
Но Roh Noh Ro Rho
Ха Ha
Ку Koo Gu Goo
Чи Ji Jee Чжи Gi Ki
Ок Ock Oak
Чжу Joo Ju Chu Chew Zhu Jhoo
У Woo Wu Wo
О Oh Oe
Ын Un Eun Unn
Чен Jong Jeong Jung Chong
Хён Hyon Hyun Hyeon Hyoun Хьон
Кён Kyong Kyung Gyeong Kyoung Gyong Гён
Ён Yong Young Yeong Ryong Ёнг Ryeong
Сок Seok Suk Sook Соук Sock
Чол Cheol Chul Чхоль
Хи Hui Hee Hi Heui
Мён Myong Myung Myeong Myoung
Ток Deok Duck Dok Tock
Сон Song Seong Sung Seung
Сун Soon Шун
Чун Jun Joon Джун Чжун Choon
Кук Gook Guk Kook Gug
Гван Kwang Gwang Кван Гуан Guang Kuang
Пом Beom Bum Пум
Иль Ill Ir
Чжао Chao Zhao Jao Чжау Chiu Jhao Chew
Чжоу Chou Zhou Chow Jhou Джоу
Чжэн Cheng Zheng Ching Jheng Чэн Tcheng
Цзян Chiang Jiang Kiang Tsian Keung
Цао Cao Tso Цау
Цай Tsai Cai Choi Chua
Сюй Hsu Xu Shu Сю Hsui
Се Hsieh Xie Xieh Tse
Сяо Hsiao Xiao Siao Siu
Сунь Suen Soon
Чжу Chu Zhu Choo Jhu
Цянь Chien Qian Tsian Tsien
Цинь Chin Qin Chun
Цуй Tsui Cui Choi
Дэн Teng Deng Tang
Дин Ting Ding
Дун Tung Dong Дон
Ду Tu To
Гао Kao Ko
Го Kuo Guo Kwok Quo
Гуань Kuan Kwan
Бай Pai Bai Pei
Бо Po Pak
Фэн Feng Fung Фын Phung
Хэ Ho He Hoh
Ху Hu Wu Woo
Кун Kung Gong Kong Гун
Ляо Liao Liaw Лао Liu
Лян Liang Leung Leong Liong
Линь Lam Lim
Лю Liu Lau Liew Low Lieu
Ло Luo Law Loh
Лу Loo Lo
Ма Mah Mar
Пань Poon Phua
Пэн Peng Pang Phang Пын
Тан Tang Tong Thong
Тянь Tien Tian Tin
Ван Wang Wong Vang Uang Ong Heng
Вэй Wei Ngai Wai
Вэнь Wen Man Wun
У Wu Ng Woo Goh Ngo
Ся Hsia Xia Ha Sia
Сюн Hsiung Xiong Hung
Янь Yen Ngan
Ян Yang Yeung Yeo Young
Яо Yiu Yeow
Е Yeh Ye Yip Ieh
Юань Yuen Un
Цзэн Tseng Zeng Tsang Цэн Chan
Цзоу Tsou Zou Chow
Чэнь Chan Chin Tan
Цюй Chu Qu Kut
Сюань Hsuan Xuan
Цзе Chieh Jie Kit Tsie
Цзинь Chin Jin Kam Kim
Цин Ching Qing Tsing
Цян Chiang Qiang Keung
Сян Hsiang Xiang Heung Sian
Син Hsing Xing Hing
Синь Hsin Xin Sum
Сю Hsiu Xiu Sau
Чжи Chih Zhi Chi Tchi
Чжун Chung Zhong Tchung Чун
Чжэнь Chen Zhen Jhen
Чжуан Chuang Zhuang Chong
Чжо Cho Zhuo Cheuk
Жун Jung Rong Yung
Жэнь Jen Ren Yam
Цзы Tzu Zi Tze Tsz Цы
Сы Ssu Si Szu Sze
Ши Shih Sze Shek
Дэ Te Tak
Дао Tao To
Бин Ping Bing
Пин P'ing
Нгуен Nguyen
Чан Tran Чанг Чэн
Фам Pham
Ву Vo
Буй Bui
Хюйнь Huynh Хуинь Huinh
"""

ELEMENTS = """
ибн бин бен Bn Бинт вельд Ould Oulad Уальд Вулд Walad Weld Wald
оглы оглу угли угл уулу улы ogli oghlu ughli oghli
кызы кизи гызы qizi gizi kyz
абу Abou Abo Aboo
умм умму Um Oum Umu Ом
аль эль Ul As An Ar Ad
хан Han Xan Кхан Хон Khaan
бек бей Beg Beck Baig Bayk
мулла Mullah Molla Mullo Mola
маулави Mawlawi Molavi Mevlevi Maulawi Mawlavi Molvi Moulavi Maulvi Мавлави
сейид Sayyid Seyed Sayed Syed Sayid Сеид Seyyed Sayyed Sidi Said
шейх Sheikh Shaykh Sheik Cheikh Shaikh
хаджи Haji Hajji Hadji Hadj Haj Alhaji Elhadj Hajj Хадж Хаджа
дин Deen Eddin Uddin Aldin Eddine Addin Edine
"""
